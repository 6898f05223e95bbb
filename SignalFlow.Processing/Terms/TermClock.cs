namespace SignalFlow.Processing.Terms;

/// <summary>
/// Buckets of 15 minutes, in UTC. A bucket counts the posts created in it that were first seen before it closed, 10 minutes after its end: listings
/// are polled every minute or two, and what comes later (approved late, imported) changes no bucket any more, whenever it is evaluated.
/// </summary>
internal static class TermClock
{
    public const int BucketsPerHour = 4;

    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    public static DateTimeOffset BucketOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % Length.Ticks), TimeSpan.Zero);

    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    public static DateTimeOffset ClosesAt(DateTimeOffset bucket) => bucket + Length + Grace;

    public static bool IsLastOfHour(DateTimeOffset bucket) => HourOf(bucket + Length) != HourOf(bucket);

    public static bool Counts(DateTimeOffset bucket, TermPost post) =>
        post.CreatedAt >= bucket && post.CreatedAt < bucket + Length && post.FirstSeenAt < ClosesAt(bucket);

    /// <summary>0 to 167, from Monday 00:00 UTC.</summary>
    public static int HourOfWeek(DateTimeOffset hour) => (((int)hour.UtcDateTime.DayOfWeek + 6) % 7 * 24) + hour.UtcDateTime.Hour;
}
