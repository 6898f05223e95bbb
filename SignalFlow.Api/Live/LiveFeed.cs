namespace SignalFlow.Api.Live;

/// <summary>
/// Fans the updates of this process out to its clients, by groups of equal filters. One lock holds the order: what a client is told begins exactly where
/// it joined. Nothing under it waits; a client's own lock is taken after it, never before.
/// </summary>
internal sealed partial class LiveFeed(LiveSnapshots snapshots, LiveOptions options, LiveMetrics metrics, TimeProvider time)
{
    // A client that has just been served by another process may have seen a little more than we have.
    private const long MostAhead = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveGroup> _groups = [];
    private readonly RecentUpdates _recent = new();
    private readonly SeenStates _seen = new();
    private long? _sequence;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isLive;

    /// <summary>Redis has been looked at. Whoever joins before would not know from where on it is told.</summary>
    public Task Started => _started.Task;

    /// <summary>The last update that is known; null before the first look at Redis.</summary>
    public long? Sequence => _sequence;

    public void Join(LiveClient client)
    {
        lock (_lock)
        {
            client.SnapshotWanted = (asking, mail) => AwaitSnapshot(asking, mail);
            EnterNeedsLock(client, client.Request);
            if (client.IsTold)
                client.Offer(LiveMessage.Status(_isLive, client.Request.After is null ? _sequence : null));
            StartNeedsLock(client, client.Request);
            metrics.Opened(client.Transport);
        }
    }

    /// <summary>From its answer on the client sees what the new filter lets through, and misses nothing that both filters do.</summary>
    public void Change(LiveClient client, LiveRequest request)
    {
        lock (_lock)
        {
            if (client.Group is not { } old)
                return;
            var carried = old.Pending.Where(post => post.Sequence > client.After && request.Filter.Matches(post.View)).ToList();
            LeaveNeedsLock(client);
            var after = client.After;
            // Whoever sends such a message understands the answers.
            request = request with { IsTold = true, AskedSnapshot = request.AskedSnapshot ?? client.Request.AskedSnapshot };
            EnterNeedsLock(client, request);
            client.Offer(LiveMessage.Subscribed(request.Filter));
            if (carried.Count > 0 && request.After is null)
            {
                var joined = client.After;
                client.After = after;
                client.Offer(LiveMessage.OfPosts(LiveMessage.Update, carried, _sequence));
                client.After = joined;
            }

            StartNeedsLock(client, request);
        }
    }

    public void Leave(LiveClient client)
    {
        lock (_lock)
        {
            LeaveNeedsLock(client);
            metrics.Closed(client.Transport);
        }
    }

    /// <summary>Updates in their order, each one after <see cref="Sequence"/>.</summary>
    public void Apply(LiveBatch batch)
    {
        using var activity = LiveActivity.Start(batch);
        lock (_lock)
        {
            _sequence = batch.Sequence;
            var news = NewsNeedsLock(batch);
            foreach (var group in _groups.Values)
                group.Add(news, batch.Sequence, activity?.Context ?? default);
        }

        metrics.Received();
    }

    /// <summary>At the start, and after a hole.</summary>
    /// <param name="sequence">Where it goes on.</param>
    /// <param name="recent">What led there without a hole.</param>
    /// <param name="wasAway">Updates may have been lost on all clients.</param>
    public void Restart(long? sequence, IReadOnlyList<LiveBatch> recent, bool wasAway)
    {
        lock (_lock)
        {
            _sequence = sequence;
            _recent.Restart(sequence ?? 0);
            if (wasAway)
            {
                metrics.Lost();
                foreach (var client in _groups.Values.SelectMany(group => group.Clients))
                    ResyncNeedsLock(client);
            }

            // After the snapshots have been asked for: they are in them, or come after them.
            foreach (var batch in recent)
            {
                var news = NewsNeedsLock(batch);
                foreach (var group in _groups.Values)
                    group.Add(news, sequence ?? batch.Sequence, default);
            }
        }
    }

    /// <summary>Redis answers, or has ceased to.</summary>
    public void Report(bool isLive)
    {
        _started.TrySetResult();
        lock (_lock)
        {
            if (_isLive == isLive)
                return;
            _isLive = isLive;
            foreach (var client in _groups.Values.SelectMany(group => group.Clients))
            {
                if (client.IsTold)
                    client.Offer(LiveMessage.Status(isLive, null));
            }
        }
    }

    /// <summary>Once a second: what time brings to each client.</summary>
    public void Look()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var group in _groups.Values)
            {
                group.EndPush();
                foreach (var client in group.Clients)
                    client.Look(now, group.Pending.Count == 0 ? _sequence : null);
            }
        }
    }

    /// <summary>What clients have shown, each once.</summary>
    public HashSet<LiveCredential> Credentials()
    {
        lock (_lock)
            return [.. _groups.Values.SelectMany(group => group.Clients).Select(client => client.Credential).OfType<LiveCredential>()];
    }

    /// <summary>Ends whoever has shown one of these.</summary>
    public void End(IReadOnlySet<LiveCredential> revoked)
    {
        lock (_lock)
        {
            foreach (var client in _groups.Values.SelectMany(group => group.Clients))
            {
                if (client.Credential is { } credential && revoked.Contains(credential))
                    client.End(LiveEnd.Revoked);
            }
        }
    }

    private List<LivePost> NewsNeedsLock(LiveBatch batch)
    {
        var news = new List<LivePost>(batch.Posts.Count);
        foreach (var post in batch.Posts)
        {
            if (!_seen.IsNews(post.View))
                continue;
            _seen.Add(post.View);
            news.Add(post);
        }

        _recent.Add(batch with { Posts = news });
        return news;
    }

    private void EnterNeedsLock(LiveClient client, LiveRequest request)
    {
        if (!_groups.TryGetValue(request.Filter.Key, out var group))
        {
            group = new(request.Filter, options.Interval, time, Flush);
            _groups.Add(request.Filter.Key, group);
        }

        group.Clients.Add(client);
        client.Group = group;
        client.Request = request;
        client.After = _sequence ?? 0;
    }

    private void LeaveNeedsLock(LiveClient client)
    {
        if (client.Group is not { } group)
            return;
        client.Group = null;
        group.Clients.Remove(client);
        if (group.Clients.Count == 0)
        {
            _groups.Remove(group.Filter.Key);
            group.Dispose();
        }
    }

    private void StartNeedsLock(LiveClient client, LiveRequest request)
    {
        if (request.After is { } after)
        {
            var isNear = _sequence is { } sequence && after - sequence <= MostAhead;
            if (isNear && _recent.After(after, request.Filter) is { } missed)
            {
                client.After = after;
                if (missed.Count > 0)
                    client.Offer(LiveMessage.OfPosts(LiveMessage.Update, missed, _sequence));
                client.After = Math.Max(after, _sequence!.Value);
                return;
            }

            client.Offer(LiveMessage.Missed(null, request.Snapshot > 0));
        }

        if (request.Snapshot > 0)
            AwaitSnapshotNeedsLock(client, client.AwaitSnapshot(_sequence), isCatchUp: false);
    }

    private void ResyncNeedsLock(LiveClient client)
    {
        client.After = 0;
        var withSnapshot = client.Request.Snapshot > 0;
        if (client.IsTold)
            client.Offer(LiveMessage.Missed(null, withSnapshot));
        if (withSnapshot || !client.IsTold)
            AwaitSnapshotNeedsLock(client, client.AwaitSnapshot(null), isCatchUp: !withSnapshot);
    }

    private void Flush(LiveGroup group)
    {
        lock (_lock)
            group.Flush(_sequence ?? 0);
    }
}
