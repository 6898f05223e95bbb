using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Signals;

/// <summary>What the analysis has noticed: what lasts, and what happened.</summary>
public sealed partial class SignalBoard
{
    private const int Most = 100;
    private const int MostLasting = 50;

    private static readonly int[] Ranges = [6, 24, 48, 168];

    private static readonly (string Kind, string Name)[] Kinds =
        [("", "All"), ("surge", "Surges"), ("term_burst", "Terms"), ("sentiment_shift", "Sentiment"), ("anomaly", "Activity")];

    private SignalList? _signals;
    private SentimentShiftList? _shifts;
    private ActivityAnomalyList? _anomalies;
    private Exception? _error;
    private DateTimeOffset _now;

    /// <summary>One of 6, 24, 48 and 168; 24 for any other.</summary>
    [Parameter, EditorRequired]
    public required int? Hours { get; set; }

    /// <summary>A kind of signal; all for any other.</summary>
    [Parameter, EditorRequired]
    public required string? Kind { get; set; }

    /// <summary>Null or empty: all.</summary>
    [Parameter, EditorRequired]
    public required string? Subreddit { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    private int Range => Hours is { } hours && Ranges.Contains(hours) ? hours : 24;

    private string Chosen => Array.Find(Kinds, kind => kind.Kind == Kind).Kind ?? "";

    private bool IsQuiet => _shifts is { Results.Count: 0 } && _anomalies is { Results.Count: 0 };

    protected override async Task OnParametersSetAsync()
    {
        _now = Time.GetUtcNow();
        try
        {
            var shifts = Api.GetSentimentShiftsAsync(Range, MostLasting, Subreddit, CancellationToken.None);
            var anomalies = Api.GetAnomaliesAsync(Range, MostLasting, Subreddit, CancellationToken.None);
            var signals = Api.GetSignalsAsync(Range, Most, Chosen, Subreddit, CancellationToken.None);
            await Task.WhenAll(shifts, anomalies, signals);
            (_shifts, _anomalies, _signals) = (await shifts, await anomalies, await signals);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private string Address(int range, string kind)
    {
        var address = $"signals?hours={range}";
        if (kind.Length > 0)
            address += $"&kind={kind}";
        return string.IsNullOrEmpty(Subreddit) ? address : $"{address}&subreddit={Uri.EscapeDataString(Subreddit)}";
    }

    private static string Name(string kind) => kind switch
    {
        "surge" => "Surge",
        "term_burst" => "Term",
        "sentiment_shift" => "Sentiment",
        _ => "Activity",
    };

    /// <summary>Where the subject is shown; null where nowhere.</summary>
    private static string? Link(SignalView signal) => signal switch
    {
        { PostId: { } post } => $"posts/{Uri.EscapeDataString(post)}",
        { Kind: "term_burst" } => Search(signal.Subject),
        { Subreddit: { } subreddit } => $"subreddits/{Uri.EscapeDataString(subreddit)}",
        { Kind: "sentiment_shift" } => Search(signal.Subject),
        _ => null,
    };

    private static string Search(string term) => $"search?q={Uri.EscapeDataString($"\"{term}\"")}";
}
