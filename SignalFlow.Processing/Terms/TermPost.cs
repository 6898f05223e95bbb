namespace SignalFlow.Processing.Terms;

/// <summary>What is read of a stored post to count its terms.</summary>
/// <param name="FirstSeenAt">When the first observation of it arrived; never changes once its bucket is closed.</param>
/// <param name="Author">Null and "[deleted]" count as one author together.</param>
internal sealed record TermPost(
    string Id, DateTimeOffset CreatedAt, DateTimeOffset FirstSeenAt, string Subreddit, string? Author, string Title, string? Url)
{
    /// <summary>Says of two versions of a post which one counts, and in which order posts are counted, so that the order of arrival cannot matter.</summary>
    public static int Compare(TermPost a, TermPost b)
    {
        var order = a.CreatedAt.CompareTo(b.CreatedAt);
        if (order == 0)
            order = string.CompareOrdinal(a.Id, b.Id);
        if (order == 0)
            order = a.FirstSeenAt.CompareTo(b.FirstSeenAt);
        if (order == 0)
            order = string.CompareOrdinal(a.Title, b.Title);
        if (order == 0)
            order = string.CompareOrdinal(a.Author, b.Author);
        return order == 0 ? string.CompareOrdinal(a.Url, b.Url) : order;
    }
}
