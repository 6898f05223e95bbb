namespace SignalFlow.Web.Live;

public enum LiveState
{
    /// <summary>Not connected yet since the process started.</summary>
    Connecting,
    Live,

    /// <summary>Lost a short time ago.</summary>
    Reconnecting,

    /// <summary>Away for longer than <see cref="LiveFeedConnection.OfflineAfter"/>.</summary>
    Offline,
}

/// <param name="State">What the connection to the API's live stream is doing.</param>
/// <param name="RetryAt">When the next attempt starts; null while connected or connecting.</param>
public sealed record LiveConnectionStatus(LiveState State, DateTimeOffset? RetryAt = null);
