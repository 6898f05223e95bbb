using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SignalFlow.Api.Analytics;

/// <summary>Checked parameters of the timeline: whole buckets, from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
internal sealed record TimelineRange(bool ByDay, DateTime Start, DateTime End, string[] Subreddits)
{
    public const int MaxHours = 24 * 31;
    public const int MaxDays = 366;
    public const int MaxSubreddits = 50;

    private const int DefaultHours = 24 * 7;
    private const int DefaultDays = 30;

    public TimeSpan Step => ByDay ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);

    public string Key => string.Create(
        CultureInfo.InvariantCulture, $"{(ByDay ? "day" : "hour")}:{Start:yyyyMMddHH}:{End:yyyyMMddHH}:{string.Join(',', Subreddits)}");

    public static bool TryParse(
        TimelineRequest request, DateTime now, [NotNullWhen(true)] out TimelineRange? range, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var byDay = fields.OneOf("bucket", request.Bucket, "hour", "day") == "day";
        var step = byDay ? TimeSpan.FromDays(1) : TimeSpan.FromHours(1);
        var (most, usual) = byDay ? (MaxDays, DefaultDays) : (MaxHours, DefaultHours);
        // Nothing is created in the future, so no bucket lies there.
        var last = Floor(now, step) + step;
        var given = fields.Instant("end", request.End, endOfDay: true);
        var end = given is { } until && until < last ? Ceiling(until, step) : last;
        var start = fields.Instant("start", request.Start, endOfDay: false) is { } from ? Floor(from, step) : Before(end, step * usual);
        var subreddits = fields.Texts("subreddit", request.Subreddit, MaxSubreddits);
        if (fields.Errors.Count == 0 && start >= end)
            fields.Refuse(request.Start is null ? "end" : "start", "start must lie before end, and not in the future.");
        if (fields.Errors.Count == 0 && (end - start) / step > most)
            fields.Refuse("start", string.Create(CultureInfo.InvariantCulture, $"The range may span at most {most} {(byDay ? "days" : "hours, or 366 days with bucket=day")}."));
        errors = fields.Errors;
        range = errors.Count > 0
            ? null
            : new(byDay, start, end, [.. subreddits.Select(name => name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)]);
        return range is not null;
    }

    private static DateTime Floor(DateTime time, TimeSpan step) => new(time.Ticks - time.Ticks % step.Ticks, DateTimeKind.Utc);

    private static DateTime Ceiling(DateTime time, TimeSpan step) => Floor(time, step) is var floor && floor < time ? floor + step : floor;

    private static DateTime Before(DateTime time, TimeSpan span) => time - DateTime.UnixEpoch > span ? time - span : DateTime.UnixEpoch;
}
