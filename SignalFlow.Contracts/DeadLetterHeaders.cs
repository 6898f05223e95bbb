namespace SignalFlow.Contracts;

/// <summary>Headers that a dead letter carries in addition to those of the original message. Values are UTF-8.</summary>
public static class DeadLetterHeaders
{
    public const string ErrorClass = "sf-error-class";

    /// <summary>At most 1 KiB.</summary>
    public const string ErrorMessage = "sf-error-message";

    public const string SourceTopic = "sf-source-topic";
    public const string SourcePartition = "sf-source-partition";
    public const string SourceOffset = "sf-source-offset";

    /// <summary>ISO 8601, UTC.</summary>
    public const string FailedAt = "sf-failed-at";

    /// <summary>1 for the first failure of a message.</summary>
    public const string Attempt = "sf-attempt";

    /// <summary>Present when the topic had no room for the whole message.</summary>
    public const string Truncated = "sf-truncated";

    /// <summary>On a replayed record and on the letter of its failure: the number of the row in <c>dlq_events</c>.</summary>
    public const string ReplayOf = "sf-replay-of";

    /// <summary>Beside <see cref="ReplayOf"/>: the number of the replay, from 1.</summary>
    public const string Replay = "sf-replay";

    /// <summary>On a replayed record, when traces are kept: the span that sent it again. <c>traceparent</c> stays that of the first time.</summary>
    public const string ReplayTraceParent = "sf-replay-traceparent";
}
