namespace SignalFlow.Storage.Posts;

/// <summary>Names that are in the table <c>subreddits</c>, so that hardly any batch has to ask.</summary>
internal sealed class KnownSubreddits
{
    // Reddit has more subreddits than are ever watched; names that somebody invents must not fill the memory.
    private const int Most = 100_000;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public List<string> Missing(PostBatch batch)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var post in batch.Posts)
                AddIfMissing(missing, post.Newest.Subreddit);
            foreach (var entry in batch.History)
                AddIfMissing(missing, entry.Subreddit);
        }

        return [.. missing];
    }

    /// <summary>After the commit.</summary>
    public void Add(List<string> names)
    {
        if (names.Count == 0)
            return;
        lock (_lock)
        {
            if (_names.Count + names.Count > Most)
                _names.Clear();
            _names.UnionWith(names);
        }
    }

    public void Forget()
    {
        lock (_lock)
            _names.Clear();
    }

    private void AddIfMissing(HashSet<string> missing, string name)
    {
        if (!_names.Contains(name))
            missing.Add(name);
    }
}
