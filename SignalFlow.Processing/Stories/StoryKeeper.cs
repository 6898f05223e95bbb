namespace SignalFlow.Processing.Stories;

/// <summary>Finds the stories of the stored posts in turn, for one process at a time; another goes on where its predecessor stopped.</summary>
internal sealed class StoryKeeper(StoryStore store, TimeProvider time)
{
    private StoryStream? _stream;
    private DateTimeOffset _last;

    /// <summary>Forgets what it knows: another process may have gone on meanwhile.</summary>
    public void Reset() => _stream = null;

    /// <returns>How many posts were looked at.</returns>
    public async Task<int> FindAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_stream is null)
        {
            var known = await store.RestoreAsync(now, cancellationToken);
            var stream = new StoryStream();
            stream.Restore(known);
            _last = known is [.., var (newest, _)] ? newest.SeenAt : DateTimeOffset.MinValue;
            _stream = stream;
        }

        // One that was stored late is taken as seen after the last: what was found before it stays as it is.
        var late = _last == DateTimeOffset.MinValue ? _last : _last.AddMicroseconds(1);
        var posts = (await store.NextAsync(now, cancellationToken)).ConvertAll(post => post.SeenAt <= _last ? post with { SeenAt = late } : post);
        if (posts.Count == 0)
            return 0;
        posts.Sort(StoryPost.Compare);
        try
        {
            var found = posts.ConvertAll(post => (post, _stream.Add(post)));
            _last = posts[^1].SeenAt;
            await store.StoreAsync(found, cancellationToken);
        }
        catch
        {
            // What the stream has taken is not stored.
            _stream = null;
            throw;
        }

        return posts.Count;
    }
}
