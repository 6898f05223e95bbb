using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>One page of a listing.</summary>
internal readonly record struct ListingPage(IReadOnlyList<PostKey> Posts, bool HasAfter, bool HasBefore)
{
    /// <summary>A listing ends here, whatever there is.</summary>
    public const int Depth = 1_000;

    public static ListingPage Empty => new([], false, false);

    /// <summary>The newest posts.</summary>
    public static ListingPage First(IEnumerable<PostKey> listing, int limit) => From(listing.Take(Depth), limit, hasBefore: false);

    /// <summary>The posts below the anchor. Empty when the anchor is not in the listing (any more).</summary>
    public static ListingPage After(IEnumerable<PostKey> listing, PostKey anchor, int limit)
    {
        var below = listing.Take(Depth).SkipWhile(post => post != anchor).Skip(1);
        return From(below, limit, hasBefore: true);
    }

    /// <summary>The posts just above the anchor, still newest first. Empty when the anchor is not in the listing (any more).</summary>
    public static ListingPage Before(IEnumerable<PostKey> listing, PostKey anchor, int limit)
    {
        var above = new List<PostKey>();
        foreach (var post in listing.Take(Depth))
        {
            if (post == anchor)
                return new ListingPage(above[Math.Max(0, above.Count - limit)..], above.Count > 0, above.Count > limit);

            above.Add(post);
        }

        return Empty;
    }

    private static ListingPage From(IEnumerable<PostKey> listing, int limit, bool hasBefore)
    {
        var posts = listing.Take(limit + 1).ToList();
        var more = posts.Count > limit;
        if (more)
            posts.RemoveAt(limit);

        return new ListingPage(posts, more, hasBefore && posts.Count > 0);
    }
}
