using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Access;
using SignalFlow.Contracts;
using SignalFlow.Storage.Trending;

namespace SignalFlow.Api.Admin.Trending;

internal static class TrendingEndpoints
{
    public static RouteHandlerBuilder MapTrendingThresholds(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/admin/trending", GetAsync).WithTags("Administration: trending").RequireAccess(Policies.Operate)
            .WithName("GetTrendingThresholds").WithSummary("What the processes that decide on trending posts work with.");

    private static async Task<Ok<TrendingThresholds>> GetAsync(TrendingThresholdStore thresholds, CancellationToken cancellationToken)
    {
        var reports = await thresholds.GetAsync(cancellationToken);
        return TypedResults.Ok(new TrendingThresholds
        {
            Thresholds = reports.Count > 0 ? Values(reports[0]) : null,
            Agree = reports.Select(Values).Distinct().Count() <= 1,
            Instances = [.. reports.Select(report => new TrendingInstance(report.Instance, Values(report), report.Since, report.ReportedAt))],
        });
    }

    private static TrendingValues Values(TrendingReport report) =>
        new(report.VelocityHigh, report.VelocityLow, report.SentimentMin, report.CommentMin, report.Cutoff);
}
