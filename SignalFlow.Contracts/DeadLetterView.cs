namespace SignalFlow.Contracts;

/// <summary>Records that could not be processed, the newest first. <see cref="PostPage"/> has the paging.</summary>
public sealed record DeadLetterPage
{
    public string? Next { get; init; }
    public string? Previous { get; init; }
    public required IReadOnlyList<DeadLetterView> Results { get; init; }
}

/// <summary>A record that could not be processed, without its content.</summary>
public record DeadLetterView
{
    public required long Id { get; init; }
    public required string SourceTopic { get; init; }
    public required int SourcePartition { get; init; }
    public required long SourceOffset { get; init; }

    /// <summary>The posts that it names.</summary>
    public required IReadOnlyList<string> PostIds { get; init; }

    public required string ErrorClass { get; init; }
    public required string ErrorMessage { get; init; }
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>How often it has failed.</summary>
    public required int Attempt { get; init; }

    /// <summary><c>new</c>, <c>replaying</c>, <c>resolved</c>, <c>failed_again</c>, <c>parked</c> or <c>discarded</c>.</summary>
    public required string State { get; init; }

    public string? Note { get; init; }

    /// <summary>Null: it has no value, or has been emptied.</summary>
    public int? PayloadBytes { get; init; }

    /// <summary>When its content was emptied, because Reddit has removed a post that it names.</summary>
    public DateTimeOffset? PurgedAt { get; init; }

    public required int DlqPartition { get; init; }
    public required long DlqOffset { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>How often it was taken for a replay.</summary>
    public int Replays { get; init; }

    /// <summary>How many of these failed; from three on it is parked.</summary>
    public int FailedReplays { get; init; }

    /// <summary>When it was last taken.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>The topic had no room for all of it, so it cannot be replayed.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>A record that could not be processed, with its content.</summary>
public sealed record DeadLetterDetail : DeadLetterView
{
    public EncodedBytes? Key { get; init; }
    public EncodedBytes? Payload { get; init; }

    /// <summary>Those of the original record, in its order.</summary>
    public required IReadOnlyList<DeadLetterHeader> Headers { get; init; }
}

/// <param name="Encoding"><c>utf-8</c>, or <c>base64</c> where the bytes are no text.</param>
public sealed record EncodedBytes(string Encoding, string Value);

/// <param name="Encoding">As of <see cref="EncodedBytes"/>.</param>
public sealed record DeadLetterHeader(string Key, string Encoding, string? Value);

public sealed record DeadLetterStats
{
    public required long Total { get; init; }

    /// <summary>Neither resolved nor discarded.</summary>
    public required long Open { get; init; }

    /// <summary>When the oldest open one failed; null when none is open.</summary>
    public DateTimeOffset? OldestOpenAt { get; init; }

    public double? OldestOpenAgeSeconds { get; init; }

    /// <summary>The most frequent first, as in the other two lists.</summary>
    public required IReadOnlyList<DeadLetterCount> ByState { get; init; }

    public required IReadOnlyList<DeadLetterCount> ByClass { get; init; }
    public required IReadOnlyList<DeadLetterCount> ByTopic { get; init; }

    /// <summary>The open ones by the time since they failed: <c>1h</c>, <c>1d</c>, <c>7d</c> (up to so much), <c>older</c>; in this order.</summary>
    public IReadOnlyList<DeadLetterCount> ByAge { get; init; } = [];
}

/// <param name="Open">Of these, neither resolved nor discarded.</param>
public sealed record DeadLetterCount(string Name, long Total, long Open);
