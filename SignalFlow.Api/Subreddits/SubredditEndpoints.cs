using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Subreddits;

internal static class SubredditEndpoints
{
    private const int DefaultHours = 24;
    private const int MaxHours = 24 * 7;

    public static RouteGroupBuilder MapSubreddits(this IEndpointRouteBuilder endpoints)
    {
        var subreddits = endpoints.MapGroup("/api/subreddits").WithTags("Subreddits");
        subreddits.MapGet("/", GetAsync).WithName("GetSubredditOverview").WithSummary("Posts, sentiment and observations of the last hours, by subreddit and hour.");
        return subreddits;
    }

    private static async Task<Results<Ok<SubredditOverviewList>, ValidationProblem>> GetAsync(
        [FromQuery(Name = "hours")] string? hours, SubredditQueries queries, CancellationToken cancellationToken)
    {
        var count = DefaultHours;
        if (!string.IsNullOrEmpty(hours)
            && !(int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= MaxHours))
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["hours"] = [$"hours must be a whole number from 1 to {MaxHours}."] });
        }

        return TypedResults.Ok(await queries.OverviewAsync(count, cancellationToken));
    }
}
