namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>dlq_events</c>.</summary>
public sealed class DeadLetterEvent
{
    public long Id { get; init; }
    public required string SourceTopic { get; init; }
    public int SourcePartition { get; init; }
    public long SourceOffset { get; init; }
    public byte[]? Key { get; init; }
    public byte[]? Payload { get; init; }
    public required string Headers { get; init; }
    public required string[] PostIds { get; init; }
    public required string ErrorClass { get; init; }
    public required string ErrorMessage { get; init; }
    public DateTime FailedAt { get; init; }
    public int Attempt { get; init; }
    public required string State { get; init; }
    public string? Note { get; init; }
    public int DlqPartition { get; init; }
    public long DlqOffset { get; init; }
    public DateTime? PurgedAt { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime UpdatedAt { get; init; }
    public DateTime? ResolvedAt { get; init; }
    public int Replay { get; init; }
    public DateTime? ClaimedAt { get; init; }
    public required int[] FailedReplays { get; init; }
    public bool IsTruncated { get; init; }
}
