using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Posts.Feed;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>Reads pages of the feed: of all of it, and of what a search finds in it.</summary>
internal sealed class NewestPosts(SignalFlowDbContext database, FeedReader feed, FirstWalk firstWalk)
{
    public Task<List<PostView>> ReadAsync(PostConditions conditions, int wanted, CancellationToken cancellationToken)
    {
        if (!conditions.ReadFeatures)
            return feed.ReadAsync(conditions, wanted, cancellationToken);
        var order = new FeedOrder(conditions.Filter.Cursor);
        return new FeatureSearch(database, conditions, order, firstWalk).FindAsync(wanted, Show, cancellationToken);

        IQueryable<PostView> Show(IQueryable<Post> found) => found.Select(PostProjection.View(conditions.Filter.AsOf.UtcDateTime)).TagWith("posts: newest");
    }
}
