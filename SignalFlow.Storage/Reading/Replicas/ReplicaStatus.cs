using NpgsqlTypes;

namespace SignalFlow.Storage.Reading.Replicas;

internal enum ReplicaState
{
    /// <summary>Not looked at yet.</summary>
    Unknown,

    /// <summary>A standby within the limit: read from.</summary>
    Following,

    /// <summary>A standby, but too far behind, or nobody knows yet how far.</summary>
    Behind,

    /// <summary>It does not answer.</summary>
    Away,

    /// <summary>It answers, but is no standby: promoted, or never one.</summary>
    NotStandby,
}

/// <summary>What the last look at a replica has shown.</summary>
/// <param name="State">Whether and why it is used or not.</param>
/// <param name="Replayed">Up to where it shows what the primary has written, as far as was ever seen.</param>
/// <param name="Lag">How old its data are; null: unknown.</param>
/// <param name="Reason">The state in words without names of hosts.</param>
internal sealed record ReplicaStatus(ReplicaState State, NpgsqlLogSequenceNumber? Replayed, TimeSpan? Lag, string Reason)
{
    public static readonly ReplicaStatus Unknown = new(ReplicaState.Unknown, null, null, "it has not been looked at yet");
}
