using System.Globalization;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Points in time and spans as people read them. Relative texts are short; the absolute one is UTC.</summary>
internal static class Ages
{
    /// <summary>"12 s", "5 min", "3 h", "2 d"; a clock that is ahead of ours counts as now.</summary>
    public static string Relative(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => Text((int)age.TotalSeconds, "s"),
        { TotalHours: < 1 } => Text((int)age.TotalMinutes, "min"),
        { TotalDays: < 1 } => Text((int)age.TotalHours, "h"),
        _ => Text((int)age.TotalDays, "d"),
    };

    public static string Absolute(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>fresh</c> up to 60 s, <c>stale</c> up to 5 min, then <c>old</c>.</summary>
    public static string Freshness(TimeSpan age) => age switch
    {
        { TotalSeconds: <= 60 } => "fresh",
        { TotalMinutes: <= 5 } => "stale",
        _ => "old",
    };

    private static string Text(int number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}");
}
