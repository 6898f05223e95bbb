using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Tier and interval of one subreddit while they are edited.</summary>
public sealed class RowEdit(ConfiguredSubreddit row)
{
    public string Name { get; } = row.Name;

    /// <summary>That the edit began with: what somebody else changes meanwhile is not written over.</summary>
    public string Version { get; } = row.Version;

    public string Tier { get; set; } = row.Tier;

    /// <summary>As typed; empty: the tier's.</summary>
    public string Interval { get; set; } = row.IntervalSeconds?.ToString(CultureInfo.InvariantCulture) ?? "";

    public RequestProblem? Problem { get; set; }

    /// <summary>Null: the interval is no number, which <see cref="Problem"/> then says.</summary>
    public SubredditChange? Change()
    {
        if (!TryReadInterval(Interval, out var seconds, out var problem))
        {
            Problem = problem;
            return null;
        }

        return new() { Tier = Tier, IntervalSeconds = seconds };
    }

    /// <summary>The range is the API's to check.</summary>
    public static bool TryReadInterval(string text, out int? seconds, out RequestProblem? problem)
    {
        (seconds, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(text))
            return true;
        if (int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            seconds = number;
            return true;
        }

        problem = RequestProblem.At("interval_seconds", "The interval is a whole number of seconds, or empty for that of the tier.");
        return false;
    }
}
