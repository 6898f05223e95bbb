namespace SignalFlow.Storage.DeadLetters;

/// <summary>A letter that is taken for a replay, with all that is needed to send its record again.</summary>
public sealed record ClaimedLetter
{
    public required long Id { get; init; }

    /// <summary>Of this replay.</summary>
    public required int Replay { get; init; }

    /// <summary>What it was before.</summary>
    public required string PreviousState { get; init; }

    public required string SourceTopic { get; init; }
    public required byte[]? Key { get; init; }
    public required byte[]? Payload { get; init; }

    /// <summary>JSON, as the migration describes it.</summary>
    public required string Headers { get; init; }

    public required int Attempt { get; init; }
}

/// <summary>How many letters of a selection stand how, seen from somebody who wants to replay or discard them.</summary>
/// <param name="Standing">The key is <see cref="DeadLetterAdministration.Ready"/>, or why it is not.</param>
public sealed record DeadLetterStanding(IReadOnlyDictionary<string, long> Standing, long LastId)
{
    public long Ready => Standing.GetValueOrDefault(DeadLetterAdministration.Ready);
    public long Total => Standing.Values.Sum();
}
