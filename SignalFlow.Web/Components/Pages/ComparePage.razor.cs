using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Analytics;
using SignalFlow.Web.Components.Charts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Pages;

/// <summary>Subreddits and terms side by side.</summary>
public sealed partial class ComparePage
{
    private Comparison _comparison = new();
    private AnalyticsWindow _window = null!;
    private DateTimeOffset _now;
    private IReadOnlyList<ChartSeries>? _series;
    private IReadOnlyList<RankItem> _totals = [];
    private IReadOnlyList<string> _silent = [];
    private Exception? _error;

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "subreddits")]
    private string[]? Subreddits { get; set; }

    [SupplyParameterFromQuery(Name = "terms")]
    private string[]? Terms { get; set; }

    [SupplyParameterFromQuery(Name = "measure")]
    private string? Measure { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    private string Title => _comparison.IsEmpty ? "Compare" : "Compare " + string.Join(", ", Names);

    private IEnumerable<string> Names => _comparison.Subreddits.Select(name => "r/" + name).Concat(_comparison.Terms.Select(term => $"“{term}”"));

    private string ChartTitle => _comparison.Measure switch
    {
        "share" => $"Share of all posts {_window.Per}",
        "sentiment" => "Sentiment of the titles",
        _ => $"Posts {_window.Per}",
    };

    private ValueFormat Format => _comparison.Measure switch
    {
        "share" => ValueFormat.Share,
        "sentiment" => ValueFormat.Sentiment,
        _ => ValueFormat.Posts,
    };

    protected override async Task OnInitializedAsync()
    {
        _now = Time.GetUtcNow();
        _comparison = Comparison.Parse(Subreddits, Terms, Measure, Range);
        _window = _comparison.Window(_now);
        if (_comparison.IsEmpty || _comparison.Problems.Count > 0)
            return;

        try
        {
            var all = _comparison.Measure == "share" ? await TimelineAsync(null, null) : null;
            var timelines = await Task.WhenAll(
                _comparison.Subreddits.Select(name => TimelineAsync(name, null)).Concat(_comparison.Terms.Select(term => TimelineAsync(null, term))));
            Show([.. Names.Zip(timelines)], all);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private Task<TimelineView> TimelineAsync(string? subreddit, string? term) =>
        Api.GetTimelineAsync(_window.Start, _window.End, _window.Bucket, subreddit, term, CancellationToken.None);

    private void Show(List<(string Name, TimelineView Timeline)> lines, TimelineView? all)
    {
        _series = lines.ConvertAll(line => _comparison.Measure switch
        {
            "share" => TimelineSeries.Share(line.Name, line.Timeline, all!),
            "sentiment" => TimelineSeries.Sentiment(line.Name, line.Timeline),
            _ => TimelineSeries.Posts(line.Name, line.Timeline),
        });
        _totals = [.. lines.Select(line => new RankItem(line.Name, line.Timeline.Results.Sum(bucket => bucket.Posts))).OrderByDescending(item => item.Value)];
        _silent = [.. _totals.Where(item => item.Value == 0).Select(item => item.Label)];
    }

    private static string MeasureName(string measure) => char.ToUpperInvariant(measure[0]) + measure[1..];
}
