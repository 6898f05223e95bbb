using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

/// <summary>A subreddit's /new as Reddit serves it: newest first, pages of 100, a thousand deep, anchored by id.</summary>
internal sealed class SimulatedListing(string subreddit)
{
    private readonly List<RedditPost> _posts = [];

    public IReadOnlyList<RedditPost> Posts => _posts;

    public RedditPost Add(string id, DateTimeOffset createdAt)
    {
        var post = new RedditPost
        {
            Id = id,
            Title = $"title of {id}",
            Subreddit = subreddit,
            CreatedUtc = createdAt.ToUnixTimeMilliseconds() / 1000.0,
            Score = 1,
            NumComments = 0,
        };
        _posts.Insert(0, post);
        return post;
    }

    public void Remove(string id) => _posts.RemoveAll(post => post.Id == id);

    public RedditListing Page(string? after)
    {
        var listed = _posts.Take(1_000).ToList();
        var start = after is null ? 0 : listed.FindIndex(post => $"t3_{post.Id}" == after) + 1;
        if (after is not null && start == 0)
            return new RedditListing([], null, 0);
        var page = listed.Skip(start).Take(100).ToList();
        return new RedditListing(page, start + page.Count < listed.Count ? $"t3_{page[^1].Id}" : null, 0);
    }
}
