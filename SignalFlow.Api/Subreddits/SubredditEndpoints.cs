using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Answers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Subreddits;

internal static class SubredditEndpoints
{
    private const int DefaultHours = 24;
    private const int MaxHours = 24 * 7;
    private const int MaxAuthors = 100;

    public static RouteGroupBuilder MapSubreddits(this IEndpointRouteBuilder endpoints)
    {
        var subreddits = endpoints.MapGroup("/api/subreddits").WithTags("Subreddits");
        subreddits.MapGet("/", ListAsync)
            .WithName("GetSubredditOverview").WithSummary("Posts, sentiment and observations of the last hours, by subreddit and hour.");
        subreddits.MapGet("/{name}", FindAsync)
            .WithName("GetSubreddit").WithSummary("One subreddit: its posts, its last day, and how ingestion gets on with it.");
        subreddits.MapGet("/{name}/series", SeriesAsync).WithName("GetSubredditSeries").WithSummary("The last hours of one subreddit.");
        subreddits.MapGet("/{name}/authors", AuthorsAsync).WithName("GetSubredditAuthors").WithSummary("Who posts most in one subreddit.");
        return subreddits;
    }

    private static async Task<Results<Answer<SubredditOverviewList>, ValidationProblem>> ListAsync(
        [FromQuery(Name = "hours")] string? hours, AnswerCache cache, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var count = fields.WholeNumber("hours", hours, 1, MaxHours, DefaultHours);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return new Answer<SubredditOverviewList>(await cache.GetAsync<SubredditQueries>($"signalflow:subreddits:{count}", MakeAsync, cancellationToken));

        async Task<MadeAnswer> MakeAsync(SubredditQueries queries, CancellationToken cancel)
        {
            var view = await queries.OverviewAsync(count, cancel);
            // Nothing is soon something, and would hide the first posts.
            return new(Answer<SubredditOverviewList>.Encode(view), view.Results.Count > 0);
        }
    }

    private static async Task<Results<Answer<SubredditDetail>, NotFound>> FindAsync(
        string name, SubredditQueries queries, CancellationToken cancellationToken) =>
        await queries.DetailAsync(name, cancellationToken) is { } subreddit
            ? Answer<SubredditDetail>.Fresh(subreddit)
            : TypedResults.NotFound();

    private static async Task<Results<Answer<SubredditSeries>, NotFound, ValidationProblem>> SeriesAsync(
        string name, [FromQuery(Name = "hours")] string? hours, SubredditQueries queries, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var count = fields.WholeNumber("hours", hours, 1, MaxHours, DefaultHours);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return await queries.SeriesAsync(name, count, cancellationToken) is { } series
            ? Answer<SubredditSeries>.Fresh(series)
            : TypedResults.NotFound();
    }

    private static async Task<Results<Answer<SubredditAuthorList>, NotFound, ValidationProblem>> AuthorsAsync(
        string name,
        [FromQuery(Name = "hours")] string? hours,
        [FromQuery(Name = "limit")] string? limit,
        SubredditAuthorQueries queries,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var count = fields.WholeNumber("hours", hours, 1, MaxHours, DefaultHours);
        var most = fields.WholeNumber("limit", limit, 1, MaxAuthors, 20);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return await queries.GetAsync(name, count, most, cancellationToken) is { } authors
            ? Answer<SubredditAuthorList>.Fresh(authors)
            : TypedResults.NotFound();
    }
}
