using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SignalFlow.Api.Ingestion;
using SignalFlow.Contracts;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Api.Pipeline;

/// <summary>One look for whoever is called at night. 200 whatever it finds: it informs people, <c>/health</c> decides.</summary>
internal static partial class HealthDetailsEndpoint
{
    public static RouteHandlerBuilder MapHealthDetails(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/health/details", GetAsync).WithTags("Pipeline").WithName("GetHealthDetails")
            .WithSummary("Each dependency with its latency, the lag of processing, the last batch, and the quota of ingestion.");

    private static async Task<Ok<HealthDetails>> GetAsync(
        HealthCheckService checks, PipelineStateStore states, IngestionQueries ingestion, HttpResponse response, ILogger<HealthCheckService> logger,
        CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        var details = new HealthDetails
        {
            Status = Name(report.Status),
            Checks = report.Entries.ToDictionary(entry => entry.Key, entry => View(entry.Value), StringComparer.Ordinal),
        };
        try
        {
            var reported = await states.GetAsync(cancellationToken);
            return TypedResults.Ok(details with
            {
                Pipeline = new() { LastBatchAt = reported.Max(instance => instance.Report.LastBatchAt), Totals = PipelineSummary.Of(reported).Totals },
                Quota = [.. (await ingestion.ShardsAsync(cancellationToken)).Select(View)],
            });
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // When the database is away is when this is asked for.
            LogUnreadable(logger, exception.Message);
            return TypedResults.Ok(details);
        }
    }

    // Descriptions are written by the checks themselves; exception texts may hold addresses and stay in the log.
    private static HealthCheckDetails View(HealthReportEntry entry) => new()
    {
        Status = Name(entry.Status),
        LatencyMs = Math.Round(entry.Duration.TotalMilliseconds, 2),
        Description = entry.Description,
    };

    private static HealthOfQuota View(IngestionShardView shard) => new()
    {
        ShardId = shard.ShardId,
        HeartbeatAgeSeconds = shard.HeartbeatAgeSeconds,
        RequestsLimit = shard.RequestsLimit,
        RequestsLastMinute = shard.RequestsLastMinute,
        RatelimitRemaining = shard.RatelimitRemaining,
        RatelimitResetAt = shard.RatelimitResetAt,
        PausedUntil = shard.PausedUntil,
    };

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();

    [LoggerMessage(LogLevel.Warning, "Health details without pipeline and quota: the database does not tell ({Reason})")]
    private static partial void LogUnreadable(ILogger logger, string reason);
}
