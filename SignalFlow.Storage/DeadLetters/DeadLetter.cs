namespace SignalFlow.Storage.DeadLetters;

/// <summary>A record that could not be processed, as a row of <c>dlq_events</c>. Its texts hold no NUL, which PostgreSQL cannot store.</summary>
public sealed record DeadLetter
{
    public required string SourceTopic { get; init; }
    public required int SourcePartition { get; init; }
    public required long SourceOffset { get; init; }

    /// <summary>Tells it from the record that stood at the same position before the topic was made anew.</summary>
    public required long RecordPrint { get; init; }

    public required byte[]? Key { get; init; }
    public required byte[]? Payload { get; init; }

    /// <summary>JSON, as the migration describes it.</summary>
    public required string Headers { get; init; }

    /// <summary>The posts whose purge empties it.</summary>
    public required string[] PostIds { get; init; }

    public required string ErrorClass { get; init; }
    public required string ErrorMessage { get; init; }
    public required DateTime FailedAt { get; init; }
    public required int Attempt { get; init; }
    public required int DlqPartition { get; init; }
    public required long DlqOffset { get; init; }

    /// <summary>The topic had no room for all of it.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The letter whose replay this is the failure of.</summary>
    public LetterReplay? Replay { get; init; }
}
