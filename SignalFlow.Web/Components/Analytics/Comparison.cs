using Microsoft.Extensions.Primitives;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Analytics;

/// <summary>What is compared, over which time and by what. Lives in the address of the page.</summary>
public sealed record Comparison
{
    public const int Fewest = 2;
    public const int Most = 5;

    private const int LongestName = 100;

    public static readonly IReadOnlyList<string> Measures = ["posts", "share", "sentiment"];

    public static readonly IReadOnlyList<string> RangeKeys = ["6h", "24h", "7d", "30d"];

    public IReadOnlyList<string> Subreddits { get; init; } = [];
    public IReadOnlyList<string> Terms { get; init; } = [];
    public string Measure { get; init; } = "posts";
    public string Range { get; init; } = "24h";

    /// <summary>What is wrong, in words; then nothing is compared.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public bool IsEmpty => Subreddits.Count + Terms.Count == 0;

    /// <param name="subreddits">Each value one name or several: ticked boxes and a text come alike.</param>
    /// <param name="terms">Keywords, separated by commas.</param>
    /// <param name="measure">One of <see cref="Measures"/>.</param>
    /// <param name="range">One of <see cref="RangeKeys"/>.</param>
    public static Comparison Parse(StringValues subreddits, StringValues terms, string? measure, string? range)
    {
        var names = AnalyticsFilter.Names(string.Join(',', subreddits.AsEnumerable()));
        string[] words =
        [
            .. string.Join(',', terms.AsEnumerable()).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(word => !word.Contains('\0', StringComparison.Ordinal)).Select(word => word.ToLowerInvariant()).Distinct(),
        ];
        var problems = new List<string>();
        var count = names.Length + words.Length;
        if (count is > 0 and < Fewest)
            problems.Add("One alone cannot be compared: add a second subreddit or term.");
        if (count > Most)
            problems.Add($"At most {Most} can be told apart on one axis: {count} are named. Leave some out.");
        if (names.Concat(words).FirstOrDefault(name => name.Length > LongestName) is { } long_)
            problems.Add($"“{long_[..20]}…” is too long for a name or a term.");
        return new()
        {
            Subreddits = names,
            Terms = words,
            Measure = Measures.Contains(measure) ? measure! : "posts",
            Range = RangeKeys.Contains(range) ? range! : "24h",
            Problems = problems,
        };
    }

    public string ToUri() => ApiClient.Address(
        "/compare",
        ("subreddits", string.Join(',', Subreddits)),
        ("terms", string.Join(',', Terms)),
        ("measure", Measure == "posts" ? null : Measure),
        ("range", Range == "24h" ? null : Range));

    public AnalyticsWindow Window(DateTimeOffset now)
    {
        var window = new AnalyticsFilter { Range = Range }.Window(now);
        // Lines that cross each other are read more easily with fewer points.
        return Range switch
        {
            "6h" => window with { Bucket = "15min", Step = TimeSpan.FromMinutes(15) },
            "24h" => window with { Bucket = "hour", Step = TimeSpan.FromHours(1) },
            _ => window,
        };
    }
}
