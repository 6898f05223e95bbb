using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts;

/// <summary>Reads posts. Lists are keyset-paged on a unique order, so depth costs nothing and inserts shift no page.</summary>
internal sealed class PostQueries(SignalFlowDbContext database, TimeProvider time)
{
    public async Task<KeysetPage<PostView, PostCursor>> ListAsync(PostFilter filter, CancellationToken cancellationToken)
    {
        var backwards = filter.Cursor?.Backwards == true;
        var now = filter.AsOf.UtcDateTime;
        // One row more than asked for tells whether there is another page.
        var rows = await Order(await FilterAsync(filter, cancellationToken), filter, backwards)
            .Take(filter.PageSize + 1)
            .Select(PostProjection.View(now))
            .TagWith("posts: list")
            .ToListAsync(cancellationToken);

        return KeysetPage<PostView, PostCursor>.Of(rows, filter.PageSize, filter.Cursor is null, backwards, (post, before) => CursorAt(post, filter, before));
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

    private async Task<IQueryable<Post>> FilterAsync(PostFilter filter, CancellationToken cancellationToken)
    {
        var posts = database.Posts.Where(post => post.PurgedAt == null);
        if (filter.Subreddits.Length > 0)
        {
            // Resolved first: with the ids at hand the planner walks the index on (subreddit_id, created_utc, id).
            var names = Array.ConvertAll(filter.Subreddits, name => name.ToLowerInvariant());
            var ids = await database.Subreddits.Where(subreddit => names.Contains(subreddit.Name.ToLower()))
                .Select(subreddit => subreddit.Id).ToArrayAsync(cancellationToken);
            posts = ids is [var only]
                ? posts.Where(post => post.SubredditId == only)
                : posts.Where(post => ids.Contains(post.SubredditId));
        }

        if (filter.Trending is { } trending)
            posts = posts.Where(post => post.IsTrending == trending);
        if (filter.Start is { } start)
            posts = posts.Where(post => post.CreatedUtc >= start);
        if (filter.End is { } end)
            posts = posts.Where(post => post.CreatedUtc < end);
        if (filter.Text is { } text)
        {
            var pattern = $"%{text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            posts = posts.Where(post => EF.Functions.ILike(post.Title, pattern, @"\"));
        }

        return posts;
    }

    private static IQueryable<Post> Order(IQueryable<Post> posts, PostFilter filter, bool backwards)
    {
        if (filter.Sort == PostSort.New)
            return OrderByCreation(posts, filter.Cursor, backwards);

        var key = PostProjection.Key(filter.Sort, filter.AsOf.UtcDateTime);
        if (filter.Cursor is { } cursor)
            posts = posts.Where(After(key, cursor));
        return backwards
            ? posts.OrderBy(key).ThenBy(post => post.Id)
            : posts.OrderByDescending(key).ThenByDescending(post => post.Id);
    }

    private static IQueryable<Post> OrderByCreation(IQueryable<Post> posts, PostCursor? cursor, bool backwards)
    {
        if (cursor is not null)
        {
            var created = DateTime.UnixEpoch.AddTicks((long)cursor.Key * TimeSpan.TicksPerMicrosecond);
            // A row comparison, so that one index serves the order and the start.
            posts = backwards
                ? posts.Where(post => EF.Functions.GreaterThan(ValueTuple.Create(post.CreatedUtc, post.Id), ValueTuple.Create(created, cursor.Id)))
                : posts.Where(post => EF.Functions.LessThan(ValueTuple.Create(post.CreatedUtc, post.Id), ValueTuple.Create(created, cursor.Id)));
        }

        return backwards
            ? posts.OrderBy(post => post.CreatedUtc).ThenBy(post => post.Id)
            : posts.OrderByDescending(post => post.CreatedUtc).ThenByDescending(post => post.Id);
    }

    /// <summary>The posts beyond the cursor in a list ordered by <paramref name="key"/> and id.</summary>
    private static Expression<Func<Post, bool>> After(Expression<Func<Post, double>> key, PostCursor cursor)
    {
        var post = key.Parameters[0];
        // Members of a constant become parameters of the statement; constants would make every page a statement of its own.
        var place = Expression.Property(Expression.Constant(cursor), nameof(PostCursor.Key));
        var id = Expression.Call(
            typeof(string), nameof(string.Compare), null,
            Expression.Property(post, nameof(Post.Id)), Expression.Property(Expression.Constant(cursor), nameof(PostCursor.Id)));
        var zero = Expression.Constant(0);
        var beyond = cursor.Backwards
            ? Expression.OrElse(
                Expression.GreaterThan(key.Body, place),
                Expression.AndAlso(Expression.Equal(key.Body, place), Expression.GreaterThan(id, zero)))
            : Expression.OrElse(
                Expression.LessThan(key.Body, place),
                Expression.AndAlso(Expression.Equal(key.Body, place), Expression.LessThan(id, zero)));
        return Expression.Lambda<Func<Post, bool>>(beyond, post);
    }

    private static PostCursor CursorAt(PostView post, PostFilter filter, bool backwards)
    {
        var key = filter.Sort switch
        {
            PostSort.New => (post.CreatedUtc.UtcDateTime - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            PostSort.Score => post.CurrentScore,
            PostSort.Velocity => post.ScoreVelocity,
            PostSort.Trending => post.TrendingScore,
            _ => post.Momentum,
        };
        return new(filter.Sort, backwards, key, post.Id, filter.AsOf);
    }
}
