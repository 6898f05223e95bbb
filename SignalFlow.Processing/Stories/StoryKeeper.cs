namespace SignalFlow.Processing.Stories;

/// <summary>Finds the stories of the stored posts in turn, for one process at a time; another goes on where its predecessor stopped.</summary>
internal sealed class StoryKeeper(StoryStore store, TimeProvider time)
{
    private StoryStream? _stream;
    private DateTimeOffset _last;
    private ulong? _position;

    /// <summary>Forgets what it knows: another process may have gone on meanwhile.</summary>
    public void Reset() => _stream = null;

    /// <summary>Looks at the posts that were stored since the last look.</summary>
    /// <returns>How many, and whether these are all that there are now.</returns>
    public async Task<(int Posts, bool IsLast)> FindAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_stream is null)
        {
            var known = await store.RestoreAsync(now, cancellationToken);
            var stream = new StoryStream();
            stream.Restore(known);
            _last = known is [.., var (newest, _)] ? newest.SeenAt : DateTimeOffset.MinValue;
            _position = null;
            _stream = stream;
        }

        // One that was stored late is taken as seen after the last: what was found before it stays as it is.
        var late = _last == DateTimeOffset.MinValue ? _last : _last.AddMicroseconds(1);
        var page = await store.NextAsync(now, _position, cancellationToken);
        var posts = page.Posts.ConvertAll(post => post.SeenAt <= _last ? post with { SeenAt = late } : post);
        posts.Sort(StoryPost.Compare);
        try
        {
            var found = posts.ConvertAll(post => (post, _stream.Add(post)));
            if (found.Count > 0)
            {
                _last = posts[^1].SeenAt;
                await store.StoreAsync(found, cancellationToken);
            }

            _position = page.Position;
        }
        catch
        {
            // What the stream has taken is not stored.
            _stream = null;
            throw;
        }

        return (posts.Count, page.IsLast);
    }
}
