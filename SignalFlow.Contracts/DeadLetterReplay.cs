using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>Which letters to replay: exactly one of <see cref="Ids"/>, <see cref="Filter"/> and <see cref="All"/>; without a body, all.</summary>
// A misspelt condition must not widen the selection.
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeadLetterReplayRequest
{
    public IReadOnlyList<long>? Ids { get; init; }
    public DeadLetterConditions? Filter { get; init; }
    public bool All { get; init; }

    /// <summary>Only counts.</summary>
    public bool DryRun { get; init; }

    /// <summary>Parked letters, too; only with <see cref="Ids"/>.</summary>
    public bool Force { get; init; }

    /// <summary>Of the answer before, to go on with the same selection.</summary>
    public string? Continue { get; init; }
}

/// <summary>Which letters to discard, and why: one of <see cref="Ids"/> and <see cref="Filter"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeadLetterDiscardRequest
{
    public IReadOnlyList<long>? Ids { get; init; }
    public DeadLetterConditions? Filter { get; init; }

    /// <summary>Kept as the note of the letters.</summary>
    public string? Reason { get; init; }

    public bool DryRun { get; init; }
    public string? Continue { get; init; }
}

/// <summary>Conditions as the list of dead letters has them; what is left out lets everything through.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeadLetterConditions
{
    public string? State { get; init; }
    public string? ErrorClass { get; init; }
    public string? Topic { get; init; }
    public string? PostId { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
}

public sealed record DeadLetterReplayResult
{
    /// <summary>Sent to their topics again, and confirmed by Kafka.</summary>
    public required long Replayed { get; init; }

    /// <summary>That the selection has, whatever their state.</summary>
    public required long Matched { get; init; }

    /// <summary>That could still be replayed when the answer was made.</summary>
    public required long Remaining { get; init; }

    /// <summary>That could not, by the reason.</summary>
    public required IReadOnlyDictionary<string, long> Skipped { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>To be sent with the same selection for the rest; null when there is none.</summary>
    public string? Continue { get; init; }
}

public sealed record DeadLetterDiscardResult
{
    public required long Discarded { get; init; }
    public required long Matched { get; init; }
    public required long Remaining { get; init; }
    public required IReadOnlyDictionary<string, long> Skipped { get; init; }
    public required bool DryRun { get; init; }
    public string? Continue { get; init; }
}
