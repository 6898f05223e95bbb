using System.Globalization;

namespace SignalFlow.Storage.Posts;

/// <summary>The partition of a day (UTC), by its name.</summary>
internal static class HistoryPartition
{
    private const string Prefix = "post_metrics_history_";

    public static string Name(DateOnly day) => Prefix + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <returns>False for a table that is no partition of ours.</returns>
    public static bool TryParse(string name, out DateOnly day)
    {
        day = default;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && DateOnly.TryParseExact(name.AsSpan(Prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }
}
