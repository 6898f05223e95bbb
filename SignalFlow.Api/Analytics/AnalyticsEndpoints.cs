using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Answers;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Analytics;

internal static class AnalyticsEndpoints
{
    private const int MaxTrending = 100;
    private const int MaxSubreddits = TimelineRange.MaxSubreddits;

    public static RouteGroupBuilder MapAnalytics(this IEndpointRouteBuilder endpoints)
    {
        var analytics = endpoints.MapGroup("/api").WithTags("Analytics");
        analytics.MapGet("/timeline", TimelineAsync)
            .WithName("GetTimeline").WithSummary("Posts by minute, hour or day, by subreddit, and by hour of the week.");
        analytics.MapGet("/keywords", KeywordsAsync).WithName("GetKeywords").WithSummary("The most frequent keywords of the last hours.");
        analytics.MapGet("/topics", TopicsAsync).WithName("GetTopics").WithSummary("The stories that most posts of the last hours share.");
        analytics.MapGet("/stories", StoriesAsync).WithName("GetStories").WithSummary("Posts of many subreddits that tell the same.");
        analytics.MapGet("/stories/{id}", StoryAsync).WithName("GetStory").WithSummary("A story: its posts, and how it spread.");
        analytics.MapGet("/terms", TermsAsync).WithName("GetTerms").WithSummary("Words and phrases that more people use than usual.");
        analytics.MapGet("/trending", TrendingAsync)
            .WithName("GetTrending").WithSummary("Posts that stand out in their community, and why; or those that the rule marks.");
        return analytics.MapSignals();
    }

    /// <summary>A list over a window of time, kept for some seconds.</summary>
    /// <param name="name">Of the list, for the key of what is kept.</param>
    /// <param name="hasResults">Whether the answer is worth keeping.</param>
    internal static async Task<Results<Answer<TView>, ValidationProblem>> OverWindowAsync<TQueries, TView>(
        string name,
        WindowRequest request,
        AnswerCache cache,
        TimeProvider time,
        Func<TQueries, AnalyticsWindow, CancellationToken, Task<TView>> getAsync,
        Func<TView, bool> hasResults,
        CancellationToken cancellationToken)
        where TQueries : notnull
    {
        if (!AnalyticsWindow.TryParse(request, time.GetUtcNow().UtcDateTime, out var window, out var errors))
            return TypedResults.ValidationProblem(errors);
        return new Answer<TView>(await cache.GetAsync<TQueries>($"signalflow:{name}:{window.Key}", MakeAsync, cancellationToken));

        async Task<MadeAnswer> MakeAsync(TQueries queries, CancellationToken cancel)
        {
            var view = await getAsync(queries, window, cancel);
            return new(Answer<TView>.Encode(view), hasResults(view));
        }
    }

    private static async Task<Results<Answer<TimelineView>, ValidationProblem>> TimelineAsync(
        [AsParameters] TimelineRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!TimelineRange.TryParse(request, time.GetUtcNow().UtcDateTime, out var range, out var errors))
            return TypedResults.ValidationProblem(errors);
        return new Answer<TimelineView>(await cache.GetAsync<TimelineQueries>($"signalflow:timeline:{range.Key}", MakeAsync, cancellationToken));

        async Task<MadeAnswer> MakeAsync(TimelineQueries queries, CancellationToken cancel)
        {
            var view = await queries.GetAsync(range, cancel);
            return new(Answer<TimelineView>.Encode(view), view.BySubreddit.Count > 0);
        }
    }

    private static Task<Results<Answer<KeywordList>, ValidationProblem>> KeywordsAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        OverWindowAsync<KeywordQueries, KeywordList>(
            "keywords", request, cache, time, (queries, window, cancel) => queries.GetAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);

    private static Task<Results<Answer<TopicList>, ValidationProblem>> TopicsAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        OverWindowAsync<TopicQueries, TopicList>(
            "topics", request, cache, time, (queries, window, cancel) => queries.GetAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);

    private static Task<Results<Answer<StoryList>, ValidationProblem>> StoriesAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        OverWindowAsync<StoryQueries, StoryList>(
            "stories", request, cache, time, (queries, window, cancel) => queries.ListAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);

    private static async Task<Results<Answer<StoryDetail>, NotFound>> StoryAsync(string id, StoryQueries queries, CancellationToken cancellationToken) =>
        StoryQueries.Number(id) is { } story && await queries.GetAsync(story, cancellationToken) is { } found
            ? Answer<StoryDetail>.Fresh(found)
            : TypedResults.NotFound();

    private static Task<Results<Answer<TermBurstList>, ValidationProblem>> TermsAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        OverWindowAsync<TermQueries, TermBurstList>(
            "terms", request, cache, time, (queries, window, cancel) => queries.GetAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);

    private static async Task<Results<Answer<TrendingList>, ValidationProblem>> TrendingAsync(
        [FromQuery(Name = "limit")] string? limit,
        [FromQuery(Name = "subreddit")] string? subreddit,
        [FromQuery(Name = "by")] string? by,
        [FromQuery(Name = "phase")] string? phase,
        TrendingQueries queries,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var most = fields.WholeNumber("limit", limit, 1, MaxTrending, 20);
        var subreddits = Names(fields, subreddit);
        var ranking = fields.OneOf("by", by, TrendingQueries.Surge, TrendingQueries.Rule) ?? TrendingQueries.Surge;
        var phases = PostFilter.ParsePhases(phase, fields);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return Answer<TrendingList>.Fresh(await queries.GetAsync(ranking, phases, subreddits, most, cancellationToken));
    }

    internal static string[] Names(QueryFields fields, string? subreddit) =>
        [.. fields.Texts("subreddit", subreddit, MaxSubreddits).Select(name => name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)];
}

/// <summary>The query of <c>GET /api/timeline/</c> as sent.</summary>
internal sealed record TimelineRequest(
    [FromQuery(Name = "start")] string? Start,
    [FromQuery(Name = "end")] string? End,
    [FromQuery(Name = "bucket")] string? Bucket,
    [FromQuery(Name = "subreddit")] string? Subreddit,
    [FromQuery(Name = "keyword")] string? Keyword);
