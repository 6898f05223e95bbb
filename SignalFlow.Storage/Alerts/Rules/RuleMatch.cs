using System.Globalization;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>Something that a rule looks for.</summary>
/// <param name="Subject">What alerts within a span of time are one about.</param>
/// <param name="Own">Tells it from all others.</param>
public sealed record RuleMatch(
    string Subject,
    string Own,
    DateTimeOffset OccurredAt,
    string? Subreddit = null,
    string? PostId = null,
    long? EventId = null,
    double? Strength = null,
    double? Observed = null,
    double? Expected = null)
{
    /// <summary>Follows from the match alone, so whoever finds it, and whenever, finds the same alert.</summary>
    public string KeyOf(TimeSpan dedupe) => dedupe == TimeSpan.Zero
        ? Own
        : string.Create(CultureInfo.InvariantCulture, $"{Subject}@{OccurredAt.UtcTicks / dedupe.Ticks}");

    /// <summary>One of each key: the first that happened.</summary>
    public static IReadOnlyList<RuleMatch> Distinct(IEnumerable<RuleMatch> matches, TimeSpan dedupe) =>
        [.. matches.OrderBy(match => match.OccurredAt).ThenBy(match => match.Own, StringComparer.Ordinal).DistinctBy(match => match.KeyOf(dedupe))];
}
