using System.Globalization;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Analytics;

/// <summary>Which time and which subreddits to look at. Lives in the address of the page.</summary>
public sealed record AnalyticsFilter
{
    public const string Custom = "custom";

    private const int MaxDays = 366;
    private const int MaxSubreddits = 50;

    public static readonly IReadOnlyList<(string Key, string Name, TimeSpan Span)> Ranges =
    [
        ("30m", "30 min", TimeSpan.FromMinutes(30)),
        ("1h", "1 h", TimeSpan.FromHours(1)),
        ("6h", "6 h", TimeSpan.FromHours(6)),
        ("24h", "24 h", TimeSpan.FromHours(24)),
        ("7d", "7 d", TimeSpan.FromDays(7)),
        ("30d", "30 d", TimeSpan.FromDays(30)),
    ];

    /// <summary>One of <see cref="Ranges"/>, or <see cref="Custom"/>.</summary>
    public string Range { get; init; } = "24h";

    public DateOnly? From { get; init; }

    /// <summary>The whole of this day.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Names, separated by commas; empty for all.</summary>
    public string Subreddit { get; init; } = "";

    /// <summary>What is wrong with it, in words; then it is shown as far as it is right.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public string? SubredditOrNull => Subreddit.Length == 0 ? null : Subreddit;

    /// <summary>Reads the parts of a query; what is wrong is named.</summary>
    public static AnalyticsFilter Parse(string? range, string? from, string? to, string? subreddit, DateTimeOffset now)
    {
        var problems = new List<string>();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var names = Names(subreddit);
        if (names.Length > MaxSubreddits)
            problems.Add($"At most {MaxSubreddits} subreddits can be looked at together.");
        var key = (range ?? "").Trim().ToLowerInvariant();
        if (key.Length > 0 && key != Custom && Ranges.All(one => one.Key != key))
            problems.Add($"There is no range “{key}”; 24 hours are shown.");
        // Whoever names a day wants that day, whatever range was shown before.
        if (!string.IsNullOrWhiteSpace(from) || !string.IsNullOrWhiteSpace(to))
            key = Custom;
        var (first, last) = (Day(from, "first", problems), Day(to, "last", problems));
        if (key == Custom && first is null && problems.Count == 0)
            problems.Add("A first day is missing.");
        if (first > (last ?? today))
            problems.Add(last is null ? "The first day lies in the future." : "The first day must not be after the last one.");
        else if (first is not null && (last ?? today).DayNumber - first.Value.DayNumber >= MaxDays)
            problems.Add($"At most {MaxDays} days can be shown.");
        else if (first > today)
            problems.Add("The first day lies in the future.");
        var custom = key == Custom && first is not null && problems.Count == 0;
        return new()
        {
            Range = custom ? Custom : Ranges.Any(one => one.Key == key) ? key : "24h",
            From = first,
            To = last,
            Subreddit = string.Join(',', names.Take(MaxSubreddits)),
            Problems = problems,
        };
    }

    /// <summary>
    /// The shortest of <see cref="Ranges"/>, up to the present one, that reaches back to <paramref name="oldest"/>: a new installation shows its
    /// minutes, not an empty day.
    /// </summary>
    public AnalyticsFilter Since(DateTimeOffset oldest, DateTimeOffset now) =>
        this with { Range = Ranges.TakeWhile(one => one.Key != Range).FirstOrDefault(one => oldest >= now - one.Span, (Range, "", default)).Key };

    public AnalyticsWindow Window(DateTimeOffset now)
    {
        if (Range != Custom)
            return AnalyticsWindow.Of(now - Ranges.First(one => one.Key == Range).Span, now, now);
        var start = new DateTimeOffset(From!.Value.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var end = To is { } to ? new DateTimeOffset(to.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : now;
        return AnalyticsWindow.Of(start, end < now ? end : now, now);
    }

    /// <summary>The relative address of the page under this filter.</summary>
    public string ToUri() => ApiClient.Address(
        "/analytics",
        ("range", Range),
        ("from", Range == Custom ? Text(From) : null),
        ("to", Range == Custom ? Text(To) : null),
        ("subreddit", Subreddit));

    /// <summary>Every post of exactly this filter.</summary>
    internal string ExportUri(string format, AnalyticsWindow window) => ApiClient.Address(
        "/api/posts/export", ("format", format), ("start", ApiClient.Instant(window.Start)), ("end", ApiClient.Instant(window.End)), ("subreddit", Subreddit));

    public static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Names without "r/", each once.</summary>
    internal static string[] Names(string? text) =>
    [
        .. (text ?? "").Split([',', ' ', '+'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name.StartsWith("r/", StringComparison.OrdinalIgnoreCase) ? name[2..] : name)
            .Where(name => name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal))
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    private static DateOnly? Day(string? text, string which, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
            return day;
        problems.Add($"The {which} day must be written as YYYY-MM-DD.");
        return null;
    }
}
