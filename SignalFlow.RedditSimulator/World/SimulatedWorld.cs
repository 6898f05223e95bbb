namespace SignalFlow.RedditSimulator.World;

/// <summary>The posts there are: made up (<see cref="SyntheticWorld"/>) or replayed (<see cref="Corpus.CorpusWorld"/>). Safe for concurrent use.</summary>
internal abstract class SimulatedWorld
{
    /// <summary>The subreddits that are known without being asked for.</summary>
    public abstract IReadOnlyList<string> Subreddits { get; }

    /// <summary>The subreddit of this name, or null when there is none.</summary>
    public abstract Subreddit? Find(string name);

    /// <summary>Visible posts of the subreddits (of every known one for null), in the order of /new.</summary>
    public abstract IEnumerable<PostKey> NewestFirst(IReadOnlyList<Subreddit>? subreddits, TimeSpan now);

    /// <summary>The post of an id (without t3_), if it exists by now; deleted and removed ones mostly exist, unapproved ones do not.</summary>
    public abstract PostKey? Find(ReadOnlySpan<char> id, TimeSpan now);

    /// <summary>Content and numbers of a post at an instant.</summary>
    public abstract PostSnapshot Describe(PostKey post, TimeSpan now);

    /// <summary>Posts created so far.</summary>
    public abstract long CountUntil(TimeSpan now);

    protected static IEnumerable<PostKey> Merge(IEnumerable<IEnumerable<PostKey>> listings)
    {
        var heads = new PriorityQueue<IEnumerator<PostKey>, PostKey>(NewestFirstOrder.Instance);
        try
        {
            foreach (var listing in listings)
                Enqueue(listing.GetEnumerator());

            while (heads.TryDequeue(out var head, out var post))
            {
                yield return post;
                Enqueue(head);
            }
        }
        finally
        {
            foreach (var (head, _) in heads.UnorderedItems)
                head.Dispose();
        }

        void Enqueue(IEnumerator<PostKey> listing)
        {
            if (listing.MoveNext())
                heads.Enqueue(listing, listing.Current);
            else
                listing.Dispose();
        }
    }
}
