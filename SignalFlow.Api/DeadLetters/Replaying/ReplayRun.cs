using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>What a request has done so far.</summary>
internal sealed class ReplayRun(DeadLetterStanding found, long missing)
{
    private long _refused;

    public DeadLetterStanding Found { get; } = found;
    public long Replayed { get; private set; }
    public long Returned { get; private set; }
    public Error? Failure { get; private set; }

    /// <summary>There is something to replay, and no Kafka to replay it to.</summary>
    public bool HasNoKafka { get; set; }

    /// <summary>What a later request has still to do.</summary>
    public DeadLetterSelection? Rest { get; set; }

    public long Left => Math.Max(0, Found.Ready - Replayed - _refused);

    public void Add(int taken, PublishedLetters published)
    {
        Replayed += taken - published.Unsent.Count - published.Refused.Count;
        Returned += published.Unsent.Count;
        _refused += published.Refused.Count;
        Failure = published.Failure;
    }

    public DeadLetterReplayResult Result(bool dryRun)
    {
        var skipped = Reasons(Found, missing);
        if (_refused > 0)
            skipped["too_large"] = _refused;
        return new()
        {
            Replayed = Replayed,
            Matched = Found.Total,
            Remaining = Left,
            Skipped = skipped,
            DryRun = dryRun,
            Continue = Rest is null ? null : Token(Rest),
        };
    }

    public static SortedDictionary<string, long> Reasons(DeadLetterStanding found, long missing)
    {
        var reasons = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count) in found.Standing.Where(standing => standing.Key != DeadLetterAdministration.Ready))
            reasons.Add(reason, count);
        if (missing > 0)
            reasons.Add("missing", missing);
        return reasons;
    }

    public static string Token(DeadLetterSelection rest) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{rest.After}|{rest.Until}")));

    public static (long After, long Until)? TryReadToken(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|') is [var first, var last]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
                ? (after, until)
                : null;
    }
}
