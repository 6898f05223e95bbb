using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Analytics;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Pages;

/// <summary>How much is posted, how it is received and what it is about, for any time and subreddits.</summary>
public sealed partial class AnalyticsPage
{
    private const int KeywordCount = 20;
    private const int TopicCount = 15;

    private AnalyticsFilter _filter = new();
    private AnalyticsWindow _window = null!;
    private DateTimeOffset _now;
    private Report? _report;
    private Exception? _error;

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? To { get; set; }

    [SupplyParameterFromQuery(Name = "subreddit")]
    private string? Subreddit { get; set; }

    private string RangeName => _filter.Range == AnalyticsFilter.Custom
        ? $"{AnalyticsFilter.Text(_filter.From)} to {AnalyticsFilter.Text(_filter.To) ?? "now"}"
        : "last " + AnalyticsFilter.Ranges.First(range => range.Key == _filter.Range).Name;

    protected override async Task OnInitializedAsync()
    {
        _now = Time.GetUtcNow();
        _filter = AnalyticsFilter.Parse(Range, From, To, Subreddit, _now);
        _window = _filter.Window(_now);
        var subreddit = _filter.SubredditOrNull;
        // What ends now is asked for without an end: then the API need not count it again for each second.
        DateTimeOffset? end = _window.End == _now ? null : _window.End;
        try
        {
            var timeline = TimelineAsync();
            if (Range is null && From is null && To is null && (await timeline).Results.FirstOrDefault(bucket => bucket.Posts > 0) is { } oldest
                && _filter.Since(oldest.Start, _now) is var shorter && shorter != _filter)
            {
                (_filter, _window) = (shorter, shorter.Window(_now));
                timeline = TimelineAsync();
            }

            var hours = Api.GetTimelineAsync(_window.StartOfHours, _window.End, "hour", subreddit, null, CancellationToken.None);
            var keywords = Api.GetKeywordsAsync(_window.StartOfWords, end, subreddit, KeywordCount, CancellationToken.None);
            var topics = Api.GetTopicsAsync(_window.StartOfWords, end, subreddit, TopicCount, CancellationToken.None);
            await Task.WhenAll(timeline, hours, keywords, topics);
            _report = new(await timeline, await hours, await keywords, await topics);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }

        Task<TimelineView> TimelineAsync() => Api.GetTimelineAsync(_window.Start, _window.End, _window.Bucket, subreddit, null, CancellationToken.None);
    }

    private sealed record Report(TimelineView Timeline, TimelineView Hours, KeywordList Keywords, TopicList Topics);
}
