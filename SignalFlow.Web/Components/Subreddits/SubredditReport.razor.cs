using System.Globalization;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Analytics;
using SignalFlow.Web.Components.Charts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Subreddits;

/// <summary>What one subreddit has brought, beside what it usually brings.</summary>
public sealed partial class SubredditReport
{
    private const int TopCount = 10;
    private const int KeywordCount = 12;
    private const int AuthorCount = 15;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private Data? _data;
    private Exception? _error;
    private ChartSeries _posts = new("Posts", []);
    private ChartSeries _median = new("Usual", []);
    private ChartSeries _mood = new("Average sentiment", []);
    private ChartBand? _band;
    private double? _usual;
    private IReadOnlyList<RankItem> _keywords = [];

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [Parameter, EditorRequired]
    public required int Hours { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var start = Now.AddHours(-Hours);
        try
        {
            var series = Api.GetSubredditSeriesAsync(Name, Hours, CancellationToken.None);
            var top = Api.GetTopPostsAsync(Name, start, TopCount, CancellationToken.None);
            var keywords = Api.GetKeywordsAsync(start, null, Name, KeywordCount, CancellationToken.None);
            var authors = Api.GetSubredditAuthorsAsync(Name, Hours, AuthorCount, CancellationToken.None);
            await Task.WhenAll(series, top, keywords, authors);
            Show(await series);
            _keywords =
            [
                .. (await keywords).Results.Select(keyword => new RankItem(keyword.Keyword, keyword.Posts)
                {
                    Href = ApiClient.Address("/compare", ("terms", keyword.Keyword)),
                    Note = "mood " + TimelineSeries.Mood(keyword.AvgSentiment),
                }),
            ];
            _data = new(await top, await authors);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private void Show(SubredditSeries series)
    {
        var partial = series.Results is [.., { Partial: true }];
        // Where nobody has looked, no posts say nothing.
        _posts = new(
            "Posts", [.. series.Results.Select(hour => new ChartPoint(hour.Start, hour is { Posts: 0, Observations: 0 } ? null : hour.Posts))])
        { LastIsPartial = partial };
        _median = new("Usual", [.. series.Results.Select(hour => new ChartPoint(hour.Start, hour.UsualPosts))]);
        _mood = new("Average sentiment",
        [
            .. series.Results.Select(hour => new ChartPoint(
                hour.Start, hour.AvgSentiment, string.Create(CultureInfo.InvariantCulture, $"n = {hour.SentimentPosts}"))),
        ])
        { LastIsPartial = partial };
        _band = series.Results.Any(hour => hour.UsualLow is not null)
            ? new("Middle half of the last 7 days", [.. series.Results.Select(hour => new BandPoint(hour.Start, hour.UsualLow, hour.UsualHigh))])
            : null;
        _usual = series.Results is [.., var last] ? last.UsualPosts : null;
    }

    private sealed record Data(PostPage Top, SubredditAuthorList Authors);
}
