using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Ingestion;

/// <summary>Reads what ingestion writes about its own work.</summary>
internal sealed class IngestionQueries(SignalFlowDbContext database, TimeProvider time)
{
    public Task<List<IngestionShardView>> ShardsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return database.IngestionShards
            .OrderBy(shard => shard.ShardId)
            .Select(shard => new IngestionShardView
            {
                ShardId = shard.ShardId,
                ShardCount = shard.ShardCount,
                Instance = shard.Instance,
                AcquiredAt = shard.AcquiredAt,
                HeartbeatAt = shard.HeartbeatAt,
                // Clocks of two machines differ; nothing is of negative age.
                HeartbeatAgeSeconds = Math.Max(0, (now - shard.HeartbeatAt).TotalSeconds),
                RequestsLimit = shard.RequestsLimit,
                RequestsLastMinute = shard.RequestsLastMinute,
                RatelimitRemaining = shard.RatelimitRemaining,
                RatelimitResetAt = shard.RatelimitResetAt,
                PausedUntil = shard.PausedUntil,
                RefreshPreset = shard.RefreshPreset,
                RefreshStretch = shard.RefreshStretch,
                PostsTracked = shard.PostsTracked,
                RefreshOverdue = shard.RefreshOverdue,
                SweepCreatedUtc = shard.SweepCreatedUtc,
                SweepStartedAt = shard.SweepStartedAt,
                SweepCoveredAt = shard.SweepCoveredAt,
                SweepAgeSeconds = shard.SweepCoveredAt == null ? null : Math.Max(0, (now - shard.SweepCoveredAt.Value).TotalSeconds),
            })
            .TagWith("ingestion: shards")
            .ToListAsync(cancellationToken);
    }

    public Task<List<SubredditStatusView>> SubredditsAsync(SubredditFilter filter, CancellationToken cancellationToken)
    {
        var subreddits = database.PolledSubreddits.AsQueryable();
        if (filter.Statuses.Length > 0)
            subreddits = subreddits.Where(subreddit => filter.Statuses.Contains(subreddit.Status));
        if (filter.Tiers.Length > 0)
            subreddits = subreddits.Where(subreddit => filter.Tiers.Contains(subreddit.Tier));
        return subreddits
            .OrderBy(subreddit => subreddit.Name.ToLower())
            .Select(Status)
            .TagWith("ingestion: subreddits")
            .ToListAsync(cancellationToken);
    }

    public Task<SubredditStatusView?> SubredditAsync(string name, CancellationToken cancellationToken)
    {
        var lower = name.ToLowerInvariant();
        return database.PolledSubreddits
            .Where(subreddit => SignalFlowDbContext.Lower(subreddit.Name) == lower)
            .Select(Status)
            .TagWith("ingestion: subreddit")
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static Expression<Func<PolledSubreddit, SubredditStatusView>> Status { get; } = subreddit => new SubredditStatusView
    {
        Name = subreddit.Name,
        Tier = subreddit.Tier,
        IntervalSeconds = subreddit.IntervalSeconds,
        IsActive = subreddit.IsActive,
        ShardId = subreddit.ShardId,
        Status = subreddit.Status,
        Detail = subreddit.Detail,
        StatusSince = subreddit.StatusSince,
        LastPollAt = subreddit.LastPollAt,
        LastSuccessAt = subreddit.LastSuccessAt,
        NextPollAt = subreddit.NextPollAt,
        NewestPostAt = subreddit.NewestPostAt,
        PostsPerHour = subreddit.PostsPerHour,
        RequestsPerHour = subreddit.RequestsPerHour,
        Gaps = subreddit.Gaps,
        LastGapAt = subreddit.LastGapAt,
        BackfilledAt = subreddit.BackfilledAt,
        BackfilledPosts = subreddit.BackfilledPosts,
    };
}
