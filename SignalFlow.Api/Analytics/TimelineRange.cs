using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SignalFlow.Api.Analytics;

/// <summary>Checked parameters of the timeline: whole buckets, from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
/// <param name="Bucket">Their width.</param>
/// <param name="Start">Of the first bucket.</param>
/// <param name="End">Of the last one.</param>
/// <param name="Subreddits">In lower case; empty for all.</param>
/// <param name="Keyword">Only posts that have it; null for all.</param>
internal sealed record TimelineRange(BucketWidth Bucket, DateTime Start, DateTime End, string[] Subreddits, string? Keyword)
{
    public const int MaxSubreddits = 50;

    private const int MaxKeywordLength = 100;

    /// <summary>Posts with a keyword are counted one by one, whatever the buckets.</summary>
    private static readonly TimeSpan LongestOfKeyword = TimeSpan.FromDays(31);

    public string Key => string.Create(
        CultureInfo.InvariantCulture, $"{Bucket.Name}:{Start:yyyyMMddHHmm}:{End:yyyyMMddHHmm}:{string.Join(',', Subreddits)}:{Keyword}");

    public static bool TryParse(
        TimelineRequest request, DateTime now, [NotNullWhen(true)] out TimelineRange? range, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var bucket = BucketWidth.Named(fields.OneOf("bucket", request.Bucket, "minute", "5min", "15min", "hour", "day"));
        var step = bucket.Step;
        // Nothing is created in the future, so no bucket lies there.
        var last = Floor(now, step) + step;
        var given = fields.Instant("end", request.End, endOfDay: true);
        var end = given is { } until && until < last ? Ceiling(until, step) : last;
        var start = fields.Instant("start", request.Start, endOfDay: false) is { } from ? Floor(from, step) : Before(end, step * bucket.Usual);
        var subreddits = fields.Texts("subreddit", request.Subreddit, MaxSubreddits);
        var keyword = fields.Text("keyword", request.Keyword, MaxKeywordLength)?.ToLowerInvariant();
        if (fields.Errors.Count == 0 && start >= end)
            fields.Refuse(request.Start is null ? "end" : "start", "start must lie before end, and not in the future.");
        if (fields.Errors.Count == 0 && (end - start) / step > bucket.Most)
            fields.Refuse("start", $"The range may span at most {bucket.Limit}; wider buckets reach further.");
        if (fields.Errors.Count == 0 && keyword is not null && end - start > LongestOfKeyword)
            fields.Refuse("start", $"The range may span at most {LongestOfKeyword.TotalDays} days with keyword.");
        errors = fields.Errors;
        range = errors.Count > 0
            ? null
            : new(bucket, start, end, [.. subreddits.Select(name => name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)], keyword);
        return range is not null;
    }

    private static DateTime Floor(DateTime time, TimeSpan step) => new(time.Ticks - time.Ticks % step.Ticks, DateTimeKind.Utc);

    private static DateTime Ceiling(DateTime time, TimeSpan step) => Floor(time, step) is var floor && floor < time ? floor + step : floor;

    private static DateTime Before(DateTime time, TimeSpan span) => time - DateTime.UnixEpoch > span ? time - span : DateTime.UnixEpoch;
}
