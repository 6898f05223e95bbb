using System.Globalization;

namespace SignalFlow.Contracts;

/// <summary>How a post does against the posts of its community at the same age.</summary>
public sealed record SurgeView
{
    /// <summary>A community with fewer posts at this age is still learned.</summary>
    public const int LearnedPosts = 30;

    /// <summary>0 to 100: 50 is typical, 84 one deviation above it, 98 two.</summary>
    public required double Score { get; init; }

    /// <summary>See <see cref="SurgePhaseNames"/>.</summary>
    public required string Phase { get; init; }

    /// <summary>Time of the observation that began the phase; null while it is <c>new</c>.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The score as a multiple of the typical one.</summary>
    public required double TimesTypical { get; init; }

    /// <summary>Points gained over the last <see cref="WindowMinutes"/>.</summary>
    public required int Gain { get; init; }

    /// <summary>At least 5 minutes; 0 where there is no window yet.</summary>
    public required double WindowMinutes { get; init; }

    /// <summary>Age at the observation.</summary>
    public required double AgeMinutes { get; init; }

    /// <summary>Null where no post of this age has been followed for a day.</summary>
    public ForecastView? Forecast { get; init; }

    /// <summary>Probability that the post ends in the top tenth of its community.</summary>
    public double? Chance { get; init; }

    /// <summary>Highest gain of the post so far, points per minute.</summary>
    public required double PeakVelocity { get; init; }

    /// <summary>The community's own posts behind the comparison.</summary>
    public required int BaselinePosts { get; init; }

    /// <summary>In words: "6.2× typical for r/golang at 42 min, +38 in 10 min".</summary>
    public string Reason(string subreddit)
    {
        var learning = BaselinePosts < LearnedPosts
            ? string.Create(CultureInfo.InvariantCulture, $"baseline learning ({BaselinePosts}/{LearnedPosts} posts)")
            : null;
        if (learning is not null && BaselinePosts == 0 && Forecast is null && WindowMinutes == 0)
            return $"no baseline yet for r/{subreddit}, {learning}";
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{Times(TimesTypical)}× typical for r/{subreddit} at {Span(AgeMinutes)}");
        if (WindowMinutes > 0)
            text += string.Create(CultureInfo.InvariantCulture, $", {Gain:+0;-0;+0} in {Span(WindowMinutes)}");
        return learning is null ? text : $"{text}, {learning}";
    }

    private static string Times(double times) => times.ToString(times < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Span(double minutes) => minutes < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{minutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:0.#} h");
}

/// <summary>A score at 24 hours of age, in points: the median and the bounds of an 80 % interval.</summary>
public sealed record ForecastView(double Low, double Median, double High);

/// <summary>The phases of a post's life, by the numbers that are stored.</summary>
public static class SurgePhaseNames
{
    private static readonly string[] Names = ["new", "emerging", "trending", "peaked", "faded"];

    public static IReadOnlyList<string> All => Names;

    /// <summary>The numbers of those that few posts are in: emerging, trending, peaked.</summary>
    public static IReadOnlyList<short> Rising { get; } = [1, 2, 3];

    public static string Of(short phase) => Names[phase];

    /// <returns>Null for a name that no phase has.</returns>
    public static short? Number(string name) => Array.FindIndex(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var phase
        ? (short)phase
        : null;
}
