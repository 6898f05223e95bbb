using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts.Feed;
using SignalFlow.Api.Posts.Search;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts;

/// <summary>Reads posts. Lists are keyset-paged on a unique order, so depth costs nothing and inserts shift no page.</summary>
internal sealed class PostQueries(SignalFlowDbContext database, FeedReader feed, TimeProvider time, FirstWalk firstWalk)
{
    /// <returns>Null: the filter's search names nothing to search for.</returns>
    public async Task<KeysetPage<PostView, PostCursor>?> ListAsync(PostFilter filter, CancellationToken cancellationToken)
    {
        TextQuery? text = null;
        if (filter.Text is { } typed && (text = await TextQuery.ParseAsync(database, typed, cancellationToken)) is null)
            return null;

        var conditions = new PostConditions(filter, await SubredditsAsync(filter, cancellationToken), text);
        // One row more than asked for tells whether there is another page.
        var wanted = filter.PageSize + 1;
        if (filter.Sort == PostSort.Relevance)
        {
            var ranked = await new RankedPosts(database, firstWalk).ReadAsync(conditions, wanted, cancellationToken);
            var ranks = ranked.ToDictionary(row => row.Post.Id, row => row.Rank);
            return Page(ranked.ConvertAll(row => row.Post), post => ranks[post.Id]);
        }

        if (filter.Sort == PostSort.New)
            return Page(await new NewestPosts(database, feed, firstWalk).ReadAsync(conditions, wanted, cancellationToken), CreatedMicroseconds);
        return Page(await new PostsByValue(database).ReadAsync(conditions, wanted, cancellationToken), post => Value(post, filter.Sort));

        KeysetPage<PostView, PostCursor> Page(List<PostView> rows, Func<PostView, double> key) => KeysetPage<PostView, PostCursor>.Of(
            rows, filter.PageSize, filter.Cursor is null, filter.IsBackwards,
            (post, before) => new(filter.Sort, before, key(post), post.Id, filter.AsOf));
    }

    public Task<PostView?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.Posts
            .Where(post => post.Id == id)
            .Select(PostProjection.View(time.GetUtcNow().UtcDateTime))
            .TagWith("posts: one")
            .FirstOrDefaultAsync(cancellationToken);

    public async Task<PostHistory?> HistoryAsync(string id, CancellationToken cancellationToken)
    {
        var post = await database.Posts.Where(post => post.Id == id).Select(post => new { post.SubredditId, post.FirstSeenAt, post.LastPolledAt })
            .FirstOrDefaultAsync(cancellationToken);
        if (post is null)
            return null;
        // Bounds as parameters let the planner leave out the partitions of other days; the subreddit, by which compressed days are segmented, all
        // but one segment of a day.
        var points = await database.History
            .Where(point => point.PostId == id && point.SubredditId == post.SubredditId
                && point.CapturedAt >= post.FirstSeenAt && point.CapturedAt <= post.LastPolledAt)
            .OrderBy(point => point.CapturedAt)
            .Select(point => new PostHistoryPoint
            {
                ObservedAt = point.CapturedAt,
                Score = point.Score,
                NumComments = point.NumComments,
                UpvoteRatio = point.UpvoteRatio,
            })
            .TagWith("posts: history")
            .ToListAsync(cancellationToken);
        return new() { Id = id, Results = points };
    }

    // Resolved first: with the ids at hand the planner walks the index on (subreddit_id, created_utc, id).
    private async Task<int[]?> SubredditsAsync(PostFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Subreddits.Length == 0)
            return null;
        var names = Array.ConvertAll(filter.Subreddits, name => name.ToLowerInvariant());
        return await database.Subreddits.Where(subreddit => names.Contains(subreddit.Name.ToLower()))
            .Select(subreddit => subreddit.Id).ToArrayAsync(cancellationToken);
    }

    private static double CreatedMicroseconds(PostView post) =>
        (post.CreatedUtc.UtcDateTime - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static double Value(PostView post, PostSort sort) => sort switch
    {
        PostSort.Score => post.CurrentScore,
        PostSort.Velocity => post.ScoreVelocity,
        PostSort.Trending => post.TrendingScore,
        PostSort.Surge => post.Surge?.Score ?? -1,
        _ => post.Momentum,
    };
}
