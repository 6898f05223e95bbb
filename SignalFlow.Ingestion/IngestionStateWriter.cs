using Microsoft.Extensions.Options;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Ingestion;

/// <summary>Writes the state of quota, sweep and subreddits to the database, for operators and for the next run.</summary>
internal sealed partial class IngestionStateWriter(
    IngestionStateStore store,
    IOptions<IngestionOptions> options,
    IOptions<RedditOptions> reddit,
    TimeProvider time,
    ILogger<IngestionStateWriter> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, SubredditState> _written = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes until cancelled, and once more then.</summary>
    public async Task RunAsync(RequestPlanner planner, CancellationToken cancellationToken)
    {
        _written.Clear();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await SaveAsync(planner, cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    public async Task SaveAsync(RequestPlanner planner, CancellationToken cancellationToken)
    {
        ShardState shard;
        List<SubredditState> changed;
        lock (planner.Gate)
        {
            shard = Describe(planner);
            changed = [.. planner.Subreddits.Select(Describe).Where(state => _written.GetValueOrDefault(state.Name) != state)];
        }

        try
        {
            await store.SaveAsync(options.Value.ShardId, shard, changed, cancellationToken);
            foreach (var state in changed)
                _written[state.Name] = state;
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            LogNotWritten(exception.Message);
        }
    }

    private static SubredditState Describe(PolledSubreddit subreddit) => new()
    {
        Name = subreddit.Name,
        Status = subreddit.Status,
        Detail = subreddit.TroubleDetail,
        StatusSince = subreddit.Group is { Trouble: not null } group ? group.FailingSince : subreddit.StatusSince,
        LastPollAt = subreddit.LastPollAt,
        LastSuccessAt = subreddit.LastSuccessAt,
        NextPollAt = subreddit.Group?.Due,
        CoveredAt = subreddit.ResumesFrom,
        NewestPostAt = subreddit.NewestPostAt,
        // Of a subreddit without posts there is only what is assumed.
        PostsPerHour = subreddit.NewestPostAt is null ? 0 : subreddit.Arrivals.PerHour,
        RequestsPerHour = subreddit.Requests.PerHour,
        Gaps = subreddit.Gaps,
        LastGapAt = subreddit.LastGapAt,
        BackfilledAt = subreddit.BackfilledAt,
        BackfilledPosts = subreddit.BackfilledPosts,
    };

    private ShardState Describe(RequestPlanner planner)
    {
        var now = time.GetUtcNow();
        var pacer = planner.Pacer;
        return new()
        {
            RequestsLimit = reddit.Value.RequestsPerMinute * options.Value.Speed,
            RequestsLastMinute = pacer.SentInLastMinute(now),
            RatelimitRemaining = pacer.Limit?.Remaining,
            RatelimitResetAt = pacer.Limit is null ? null : pacer.LimitResetAt,
            PausedUntil = pacer.IsPaused(now) ? pacer.PausedUntil : null,
            RefreshPreset = options.Value.RefreshTiers.Count > 0 ? "custom" : options.Value.RefreshPreset,
            RefreshStretch = planner.Stretch,
            PostsTracked = planner.Tracked,
            RefreshOverdue = planner.CountOverdue(),
            Sweep = planner.OldPosts.Progress,
        };
    }

    [LoggerMessage(LogLevel.Warning, "The state of ingestion could not be written ({Reason}); it is written again later")]
    private partial void LogNotWritten(string reason);
}
