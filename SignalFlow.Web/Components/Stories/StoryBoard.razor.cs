using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Stories;

/// <summary>What is told in several places, and which words are new.</summary>
public sealed partial class StoryBoard
{
    private const int Most = 50;
    private const int MostTerms = 12;

    private static readonly int[] Ranges = [6, 24, 48];

    private IReadOnlyList<StoryView>? _stories;
    private TermBurstList? _terms;
    private Exception? _error;
    private DateTimeOffset _now;

    /// <summary>One of 6, 24 and 48; 24 for any other.</summary>
    [Parameter, EditorRequired]
    public required int? Hours { get; set; }

    /// <summary>Null or empty: all.</summary>
    [Parameter, EditorRequired]
    public required string? Subreddit { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    private int Range => Hours is { } hours && Ranges.Contains(hours) ? hours : 24;

    private string Learning => _terms?.LearningSince is { } since && _now - since >= TimeSpan.FromHours(6)
        ? "None in this time: what people write about is what they usually write about."
        : "What is usual is still being learned: that takes the first six hours, and gets better for two weeks.";

    protected override async Task OnParametersSetAsync()
    {
        _now = Time.GetUtcNow();
        try
        {
            var terms = Api.GetTermsAsync(Range, MostTerms, CancellationToken.None);
            _stories = (await Api.GetStoriesAsync(Range, Most, Subreddit, CancellationToken.None)).Results;
            _terms = await terms;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private string Address(int range) => string.IsNullOrEmpty(Subreddit)
        ? $"stories?hours={range}"
        : $"stories?hours={range}&subreddit={Uri.EscapeDataString(Subreddit)}";
}
