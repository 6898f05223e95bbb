using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Answers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Stats;

internal static class StatsEndpoints
{
    private const int MaxDays = 366;

    public static RouteGroupBuilder MapStats(this IEndpointRouteBuilder endpoints)
    {
        var stats = endpoints.MapGroup("/api/stats").WithTags("Statistics");
        stats.MapGet("/", GetAsync).WithName("GetStats").WithSummary("Figures over the posts created in a range of days (UTC).");
        return stats;
    }

    private static async Task<Results<Answer<StatsView>, ValidationProblem>> GetAsync(
        [FromQuery(Name = "start")] string? start,
        [FromQuery(Name = "end")] string? end,
        AnswerCache cache,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        // Yesterday and today: never empty just because a day has begun.
        var last = Day("end", end, errors) ?? today;
        var first = Day("start", start, errors) ?? last.AddDays(end is null ? -1 : 0);
        if (errors.Count == 0 && first > last)
            errors["end"] = ["end must not lie before start."];
        if (errors.Count == 0 && last.DayNumber - first.DayNumber >= MaxDays)
            errors["start"] = [$"The range may span at most {MaxDays} days."];
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var range = new StatsRange(first, last);
        return new Answer<StatsView>(await cache.GetAsync<StatsQueries>(
            $"signalflow:stats:{first:yyyy-MM-dd}:{last:yyyy-MM-dd}", (queries, cancel) => MakeAsync(queries, range, cancel), cancellationToken));
    }

    private static async Task<MadeAnswer> MakeAsync(StatsQueries queries, StatsRange range, CancellationToken cancellationToken)
    {
        var view = await queries.GetAsync(range, cancellationToken);
        // Nothing is soon counted, and would hide the first posts.
        return new(Answer<StatsView>.Encode(view), view.Overview.TotalPosts > 0);
    }

    private static DateOnly? Day(string name, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is >= 2005 and < 9999)
            return day;
        errors[name] = [$"{name} must be a day since 2005, as YYYY-MM-DD."];
        return null;
    }
}
