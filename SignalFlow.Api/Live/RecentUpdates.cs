using SignalFlow.Contracts;

namespace SignalFlow.Api.Live;

/// <summary>The newest updates without a hole, as far back as the log in Redis goes, for clients that come back.</summary>
internal sealed class RecentUpdates
{
    private readonly Queue<LiveBatch> _batches = [];
    private long _bytes;
    private long _floor;

    /// <summary>From nothing, after <paramref name="sequence"/>.</summary>
    public void Restart(long sequence)
    {
        _batches.Clear();
        _bytes = 0;
        _floor = sequence;
    }

    public void Add(LiveBatch batch)
    {
        if (_batches.Count == 0)
            _floor = batch.Sequence - 1;
        _batches.Enqueue(batch);
        _bytes += batch.Bytes;
        while (_batches.Count > LiveLog.MaxEntries || (_bytes > LiveLog.MaxBytes && _batches.Count > 1))
        {
            var oldest = _batches.Dequeue();
            _bytes -= oldest.Bytes;
            _floor = oldest.Sequence;
        }
    }

    /// <returns>The newest state of each post that has changed after <paramref name="sequence"/>; null: that is too long ago.</returns>
    public IReadOnlyList<LivePost>? After(long sequence, LiveFilter filter)
    {
        if (sequence < _floor)
            return null;
        var posts = new Dictionary<string, LivePost>();
        foreach (var batch in _batches)
        {
            if (batch.Sequence <= sequence)
                continue;
            foreach (var post in batch.Posts)
            {
                if (filter.Matches(post.View))
                    posts[post.Id] = post;
            }
        }

        return [.. posts.Values];
    }
}

/// <summary>How far each post has come, of the last posts seen; repeats and states that were overtaken show by it.</summary>
internal sealed class SeenStates
{
    private const int Capacity = 50_000;

    private Dictionary<string, (DateTimeOffset PolledAt, bool Purged)> _young = [];
    private Dictionary<string, (DateTimeOffset PolledAt, bool Purged)> _old = [];

    /// <summary>It says something new. The end of a post is final.</summary>
    public bool IsNews(PostView post) =>
        !(_young.TryGetValue(post.Id, out var seen) || _old.TryGetValue(post.Id, out seen))
        || (post.Purged && !seen.Purged)
        || (post.LastPolledAt > seen.PolledAt && post.Purged == seen.Purged);

    public void Add(PostView post)
    {
        if (_young.Count >= Capacity)
            (_old, _young) = (_young, []);
        _young[post.Id] = (post.LastPolledAt, post.Purged);
    }
}
