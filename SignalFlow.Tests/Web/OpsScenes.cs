using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>What the API tells of ingestion.</summary>
internal static class OpsScenes
{
    public static IngestionShardView Shard() => new()
    {
        ShardId = 0,
        ShardCount = 2,
        Instance = "host-a",
        AcquiredAt = Posts.Now.AddHours(-3),
        HeartbeatAt = Posts.Now.AddSeconds(-4),
        HeartbeatAgeSeconds = 4,
        RequestsLimit = 60,
        RequestsLastMinute = 58,
        RatelimitRemaining = 412.5,
        RatelimitResetAt = Posts.Now.AddMinutes(5),
        RefreshPreset = "balanced",
        RefreshStretch = 1.5,
        PostsTracked = 4711,
        RefreshOverdue = 12,
        SweepAgeSeconds = 23.5 * 3600,
    };

    public static SubredditStatusView Subreddit(string name, string status) => new()
    {
        Name = name,
        Tier = "fast",
        IntervalSeconds = 30,
        IsActive = true,
        Status = status,
        LastSuccessAt = Posts.Now.AddMinutes(-1),
        NextPollAt = Posts.Now.AddSeconds(20),
        PostsPerHour = 12.5,
        RequestsPerHour = 0.75,
        Gaps = 2,
        BackfilledAt = Posts.Now.AddHours(-3),
        BackfilledPosts = 340,
    };

    public static PurgePage Purges(int count) => new()
    {
        Summary = new() { Total = 2500, LastDay = 16, Reasons = [new("moderator", 2000, 13), new("absent", 500, 3)] },
        Results =
        [
            .. Enumerable.Range(1, count).Select(number => new PurgeView
            {
                Id = $"p{number}",
                Subreddit = "technology",
                Reason = PostRemoval.Absent,
                PurgedAt = Posts.Now.AddMinutes(-number),
                CreatedUtc = Posts.Now.AddDays(-2),
                FirstSeenAt = Posts.Now.AddDays(-2),
            }),
        ],
    };
}
