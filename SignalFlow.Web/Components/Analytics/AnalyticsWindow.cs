namespace SignalFlow.Web.Components.Analytics;

/// <summary>A time with the width of the buckets that shows it best: some dozens to some hundreds of points.</summary>
/// <param name="Start">First moment.</param>
/// <param name="End">Not after now.</param>
/// <param name="Bucket">As the API names it.</param>
/// <param name="Step">The same as a span.</param>
public sealed record AnalyticsWindow(DateTimeOffset Start, DateTimeOffset End, string Bucket, TimeSpan Step)
{
    /// <summary>What the API looks at when it counts words and hours.</summary>
    private static readonly TimeSpan LongestOfWords = TimeSpan.FromDays(31);

    private static readonly (TimeSpan Longest, string Bucket, TimeSpan Step)[] Widths =
    [
        (TimeSpan.FromHours(1), "minute", TimeSpan.FromMinutes(1)),
        (TimeSpan.FromHours(12), "5min", TimeSpan.FromMinutes(5)),
        (TimeSpan.FromHours(47), "15min", TimeSpan.FromMinutes(15)),
        (TimeSpan.FromDays(14), "hour", TimeSpan.FromHours(1)),
        (TimeSpan.MaxValue, "day", TimeSpan.FromDays(1)),
    ];

    /// <summary>Times of day are on the minute, so that the same address asked twice is the same question.</summary>
    public static AnalyticsWindow Of(DateTimeOffset start, DateTimeOffset end, DateTimeOffset now)
    {
        var (from, until) = (Floor(start), end == now ? end : Floor(end));
        var width = Array.Find(Widths, width => until - from - TimeSpan.FromMinutes(1) <= width.Longest);
        return new(from, until, width.Bucket, width.Step);

        static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);
    }

    /// <summary>"per 5 minutes".</summary>
    public string Per => Bucket switch
    {
        "minute" => "per minute",
        "5min" => "per 5 minutes",
        "15min" => "per 15 minutes",
        "hour" => "per hour",
        _ => "per day",
    };

    /// <summary>The last part of it that words can be counted in.</summary>
    public DateTimeOffset StartOfWords => End - Start > LongestOfWords ? End - LongestOfWords : Start;

    /// <summary>At least a week, so that a heat map has something to show, and not more than hours reach.</summary>
    public DateTimeOffset StartOfHours => (End - Start) switch
    {
        var span when span < TimeSpan.FromDays(7) => End.AddDays(-7).AddHours(1),
        var span when span > TimeSpan.FromDays(30) => End.AddDays(-30),
        _ => Start,
    };
}
