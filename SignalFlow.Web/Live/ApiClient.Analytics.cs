using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

internal sealed partial class ApiClient
{
    public Task<StoryList> GetStoriesAsync(int hours, int limit, string? subreddit, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"/api/stories/?hours={hours}&limit={limit}&subreddit={Uri.EscapeDataString(subreddit ?? "")}"),
        ContractsJsonContext.Default.StoryList, cancellationToken);

    /// <returns>Null: there is no such story.</returns>
    public async Task<StoryDetail?> FindStoryAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync($"/api/stories/{Uri.EscapeDataString(id)}/", ContractsJsonContext.Default.StoryDetail, cancellationToken);
        }
        catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<TermBurstList> GetTermsAsync(int hours, int limit, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"/api/terms/?hours={hours}&limit={limit}"), ContractsJsonContext.Default.TermBurstList, cancellationToken);

    /// <param name="kind">Empty: all.</param>
    public Task<SignalList> GetSignalsAsync(int hours, int limit, string kind, string? subreddit, CancellationToken cancellationToken) => GetAsync(
        Address("/api/signals/", ("hours", Number(hours)), ("limit", Number(limit)), ("kind", kind), ("subreddit", subreddit)),
        ContractsJsonContext.Default.SignalList,
        cancellationToken);

    public Task<SentimentShiftList> GetSentimentShiftsAsync(int hours, int limit, string? subreddit, CancellationToken cancellationToken) => GetAsync(
        Address("/api/signals/shifts/", ("hours", Number(hours)), ("limit", Number(limit)), ("subreddit", subreddit)),
        ContractsJsonContext.Default.SentimentShiftList,
        cancellationToken);

    public Task<ActivityAnomalyList> GetAnomaliesAsync(int hours, int limit, string? subreddit, CancellationToken cancellationToken) => GetAsync(
        Address("/api/signals/anomalies/", ("hours", Number(hours)), ("limit", Number(limit)), ("subreddit", subreddit)),
        ContractsJsonContext.Default.ActivityAnomalyList,
        cancellationToken);

    public Task<TimelineView> GetTimelineAsync(
        DateTimeOffset start, DateTimeOffset end, string bucket, string? subreddit, string? keyword, CancellationToken cancellationToken) => GetAsync(
        Address("/api/timeline/", ("start", Instant(start)), ("end", Instant(end)), ("bucket", bucket), ("subreddit", subreddit), ("keyword", keyword)),
        ContractsJsonContext.Default.TimelineView,
        cancellationToken);

    public Task<KeywordList> GetKeywordsAsync(
        DateTimeOffset start, DateTimeOffset? end, string? subreddit, int limit, CancellationToken cancellationToken) => GetAsync(
        Address(
            "/api/keywords/",
            ("start", Instant(start)), ("end", end is { } until ? Instant(until) : null), ("subreddit", subreddit), ("limit", Number(limit))),
        ContractsJsonContext.Default.KeywordList,
        cancellationToken);

    public Task<TopicList> GetTopicsAsync(
        DateTimeOffset start, DateTimeOffset? end, string? subreddit, int limit, CancellationToken cancellationToken) => GetAsync(
        Address(
            "/api/topics/",
            ("start", Instant(start)), ("end", end is { } until ? Instant(until) : null), ("subreddit", subreddit), ("limit", Number(limit))),
        ContractsJsonContext.Default.TopicList,
        cancellationToken);

    public Task<SubredditOverviewList> GetSubredditOverviewAsync(int hours, CancellationToken cancellationToken) => GetAsync(
        Address("/api/subreddits/", ("hours", Number(hours))), ContractsJsonContext.Default.SubredditOverviewList, cancellationToken);

    /// <summary>A name that nobody knows is a failure with the status 404.</summary>
    public Task<SubredditDetail> GetSubredditAsync(string name, CancellationToken cancellationToken) =>
        GetAsync($"/api/subreddits/{Uri.EscapeDataString(name)}/", ContractsJsonContext.Default.SubredditDetail, cancellationToken);

    public Task<SubredditSeries> GetSubredditSeriesAsync(string name, int hours, CancellationToken cancellationToken) => GetAsync(
        Address($"/api/subreddits/{Uri.EscapeDataString(name)}/series/", ("hours", Number(hours))),
        ContractsJsonContext.Default.SubredditSeries,
        cancellationToken);

    public Task<SubredditAuthorList> GetSubredditAuthorsAsync(string name, int hours, int limit, CancellationToken cancellationToken) => GetAsync(
        Address($"/api/subreddits/{Uri.EscapeDataString(name)}/authors/", ("hours", Number(hours)), ("limit", Number(limit))),
        ContractsJsonContext.Default.SubredditAuthorList,
        cancellationToken);

    /// <summary>Of the posts since <paramref name="start"/>, the best first.</summary>
    public Task<PostPage> GetTopPostsAsync(string subreddit, DateTimeOffset start, int pageSize, CancellationToken cancellationToken) => GetPageAsync(
        Address("/api/posts/", ("subreddit", subreddit), ("start", Instant(start)), ("sort", "score"), ("page_size", Number(pageSize))), cancellationToken);

    internal static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The path with those parameters that have a value.</summary>
    internal static string Address(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
                path = QueryHelpers.AddQueryString(path, name, value);
        }

        return path;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
