namespace SignalFlow.Api.Live;

/// <summary>The reading of snapshots: one query for all clients of a group that wait when it begins, so that a crowd that comes back asks once.</summary>
internal sealed partial class LiveFeed
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private void AwaitSnapshot(LiveClient client, LiveMail mail)
    {
        lock (_lock)
            AwaitSnapshotNeedsLock(client, mail, isCatchUp: false);
    }

    private void AwaitSnapshotNeedsLock(LiveClient client, LiveMail mail, bool isCatchUp)
    {
        if (client.Group is not { } group)
            return;
        group.Waiting.Add((client, mail, isCatchUp));
        if (group.IsReading)
            return;
        group.IsReading = true;
        _ = Task.Run(() => ReadAsync(group));
    }

    private async Task ReadAsync(LiveGroup group)
    {
        while (true)
        {
            (LiveClient Client, LiveMail Mail, bool IsCatchUp)[] waiting;
            lock (_lock)
            {
                group.Waiting.RemoveAll(waiter => waiter.Client.Ended.IsCompleted);
                if (group.Waiting.Count == 0)
                {
                    group.IsReading = false;
                    return;
                }

                // What was published before they joined is in the database already; what comes after that is newer than what is read, or shown in it.
                waiting = [.. group.Waiting];
                group.Waiting.Clear();
            }

            try
            {
                var size = waiting.Max(waiter => waiter.IsCatchUp ? LiveRequest.MaxSnapshot : waiter.Client.Request.Snapshot);
                if (await snapshots.ReadAsync(group.Filter, size) is { } posts)
                {
                    Deliver(waiting, posts);
                    continue;
                }

                // The database is away. Nothing changes in it meanwhile either.
                await Task.Delay(RetryInterval, time);
                lock (_lock)
                    group.Waiting.InsertRange(0, waiting);
            }
            catch
            {
                // Nobody awaits this. The next one who asks begins another reading, for these as well.
                lock (_lock)
                {
                    group.Waiting.InsertRange(0, waiting);
                    group.IsReading = false;
                }

                throw;
            }
        }
    }

    private void Deliver((LiveClient Client, LiveMail Mail, bool IsCatchUp)[] waiting, IReadOnlyList<LivePost> posts)
    {
        var shared = new Dictionary<(int Size, long? UpTo), (LiveMessage Message, LiveSnapshot Snapshot)>();
        lock (_lock)
        {
            foreach (var (client, mail, isCatchUp) in waiting)
            {
                if (isCatchUp)
                    continue;
                var key = (client.Request.Snapshot, mail.UpTo);
                if (!shared.TryGetValue(key, out var both))
                {
                    IReadOnlyList<LivePost> newest = [.. posts.Take(key.Snapshot)];
                    both = (LiveMessage.OfPosts(LiveMessage.SnapshotType, newest, mail.UpTo), new(newest));
                    shared.Add(key, both);
                }

                client.Deliver(mail, both.Message, both.Snapshot);
            }

            CatchUpNeedsLock(waiting, posts);
        }
    }

    /// <summary>For clients that know only updates: those of the newest posts that nobody here was told of.</summary>
    private void CatchUpNeedsLock((LiveClient Client, LiveMail Mail, bool IsCatchUp)[] waiting, IReadOnlyList<LivePost> posts)
    {
        if (!Array.Exists(waiting, waiter => waiter.IsCatchUp))
            return;
        List<LivePost> news = [.. posts.Where(post => _seen.IsNews(post.View))];
        var message = news.Count == 0 ? null : LiveMessage.OfPosts(LiveMessage.Update, news, null);
        var snapshot = new LiveSnapshot(news);
        foreach (var (client, mail, isCatchUp) in waiting)
        {
            if (isCatchUp)
                client.Deliver(mail, message, snapshot);
        }
    }
}
