namespace SignalFlow.Processing.Stories;

/// <summary>What is read of a post to find its story.</summary>
/// <param name="SeenAt">When it was first observed. Where that is not known, the time of its creation.</param>
internal sealed record StoryPost(string Id, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, string Subreddit, string Title, string? Url)
{
    /// <summary>The order in which posts must come: by first observation, then creation, then id.</summary>
    public static int Compare(StoryPost a, StoryPost b)
    {
        var order = a.SeenAt.CompareTo(b.SeenAt);
        if (order == 0)
            order = a.CreatedAt.CompareTo(b.CreatedAt);
        return order == 0 ? string.CompareOrdinal(a.Id, b.Id) : order;
    }
}
