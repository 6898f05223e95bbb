namespace SignalFlow.Storage.Posts;

/// <summary>What ingestion must know of a post to go on after a restart.</summary>
/// <param name="IsQuiet">Little changed between its last two observations.</param>
/// <param name="IsPurged">Reddit has removed it: known, but not looked at any more.</param>
public sealed record TrackedPost(
    string Id,
    string Subreddit,
    DateTimeOffset CreatedUtc,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset LastPolledAt,
    int Score,
    int Comments,
    bool IsQuiet,
    bool IsPurged);
