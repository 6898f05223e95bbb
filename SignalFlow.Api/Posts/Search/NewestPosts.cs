using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>Reads pages of the feed.</summary>
internal sealed class NewestPosts(SignalFlowDbContext database, FirstWalk firstWalk)
{
    /// <summary>Of more subreddits than this one sees enough in any part of the feed.</summary>
    private const int MostMerged = 20;

    public Task<List<PostView>> ReadAsync(PostConditions conditions, int wanted, CancellationToken cancellationToken)
    {
        var order = new FeedOrder(conditions.Filter.Cursor);
        if (conditions.ReadFeatures)
            return new FeatureSearch(database, conditions, order, firstWalk).FindAsync(wanted, Show, cancellationToken);

        var posts = order.Beyond(conditions.Rest(conditions.Indexed(database.Posts)));
        var page = conditions is { Subreddits: { Length: > 1 and <= MostMerged } subreddits, IndexedBesideSubreddit: false }
            ? PerSubreddit(order, posts, subreddits, wanted)
            : order.Ordered(posts);
        return Show(page.Take(wanted)).ToListAsync(cancellationToken);

        IQueryable<PostView> Show(IQueryable<Post> found) => found.Select(PostProjection.View(conditions.Filter.AsOf.UtcDateTime)).TagWith("posts: newest");
    }

    /// <summary>
    /// A page of each subreddit, and of them all the newest: a walk through the feed would go on for long where the subreddits are small, or have
    /// fallen silent.
    /// </summary>
    private static IQueryable<Post> PerSubreddit(FeedOrder order, IQueryable<Post> posts, int[] ids, int wanted)
    {
        var pages = ids.Select(id => order.Ordered(posts.Where(post => post.SubredditId == id)).Take(wanted));
        return order.Ordered(pages.Aggregate((all, page) => all.Concat(page)));
    }
}
