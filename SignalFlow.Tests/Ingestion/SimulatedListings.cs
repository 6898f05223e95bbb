using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

/// <summary>
/// Subreddits' /new as Reddit serves them: the last approved first, pages of 100, a thousand deep, anchored by id, several subreddits as one
/// listing; as they are now or as a cache still has them.
/// </summary>
internal sealed class SimulatedListings
{
    public const int Depth = 1_000;

    // In the order in which they became visible.
    private readonly List<(RedditPost Post, DateTimeOffset VisibleAt)> _posts = [];
    private readonly Dictionary<string, DateTimeOffset> _gone = [];

    public IEnumerable<RedditPost> Posts => _posts.Select(entry => entry.Post);

    public RedditPost Add(string subreddit, string id, DateTimeOffset visibleAt, TimeSpan waitedForApproval = default)
    {
        var post = new RedditPost
        {
            Id = id,
            Title = $"title of {id}",
            Subreddit = subreddit,
            CreatedUtc = Math.Floor((visibleAt - waitedForApproval).ToUnixTimeMilliseconds() / 1000.0),
            Score = 1,
            NumComments = 0,
        };
        _posts.Add((post, visibleAt));
        return post;
    }

    public void Change(string id, Func<RedditPost, RedditPost> change)
    {
        var index = _posts.FindIndex(entry => entry.Post.Id == id);
        _posts[index] = (change(_posts[index].Post), _posts[index].VisibleAt);
    }

    /// <summary>Takes a post out of the listings and, with <paramref name="forget"/>, out of /api/info as well.</summary>
    public void Remove(string id, DateTimeOffset at, bool forget = false)
    {
        if (forget)
            _posts.RemoveAll(entry => entry.Post.Id == id);
        else
            _gone.TryAdd(id, at);
    }

    /// <summary>The posts that a listing of one or more subreddits holds, newest first.</summary>
    public List<RedditPost> Listed(IReadOnlyCollection<string> subreddits, DateTimeOffset asOf) =>
        [.. _posts.AsEnumerable().Reverse()
            .Where(entry => entry.VisibleAt <= asOf && !(_gone.TryGetValue(entry.Post.Id, out var goneAt) && goneAt <= asOf))
            .Select(entry => entry.Post)
            .Where(post => subreddits.Contains(post.Subreddit, StringComparer.OrdinalIgnoreCase))
            .Take(Depth)];

    public RedditListing Page(IReadOnlyCollection<string> subreddits, string? after, DateTimeOffset asOf)
    {
        var listed = Listed(subreddits, asOf);
        var start = after is null ? 0 : listed.FindIndex(post => $"t3_{post.Id}" == after) + 1;
        if (after is not null && start == 0)
            return new RedditListing([], null, 0);
        var page = listed.Skip(start).Take(100).ToList();
        return new RedditListing(page, start + page.Count < listed.Count ? $"t3_{page[^1].Id}" : null, 0);
    }

    public RedditListing Info(IEnumerable<string> ids)
    {
        var asked = ids.ToHashSet();
        return new RedditListing([.. Posts.Where(post => asked.Contains(post.Id))], null, 0);
    }
}
