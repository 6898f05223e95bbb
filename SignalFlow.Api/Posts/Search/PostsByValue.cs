using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>Reads pages of lists whose order is a value that changes, and therefore has no index.</summary>
internal sealed class PostsByValue(SignalFlowDbContext database)
{
    private static readonly Expression<Func<Post, bool>>[]
        ScoreSteps = [post => post.ScoreTier >= 2, post => post.ScoreTier >= 1],
        TrendingSteps = [post => post.TrendingTier >= 1];

    public async Task<List<PostView>> ReadAsync(PostConditions conditions, int wanted, CancellationToken cancellationToken)
    {
        var filter = conditions.Filter;
        var posts = conditions.Rest(conditions.Indexed(database.Posts));
        if (conditions.ReadFeatures)
        {
            var matching = conditions.Matching(conditions.InRange(database.PostFeatures));
            posts = posts.Where(post => matching.Any(row => row.PostId == post.Id));
        }

        var key = PostProjection.Key(filter.Sort, filter.AsOf.UtcDateTime);
        if (filter.Cursor is { } cursor)
            posts = posts.Where(After(key, cursor));
        // Whatever stands on a higher step stands higher in the list, and an index knows who does: a page that it fills is the page.
        foreach (var step in Steps(filter))
        {
            var page = await PageAsync(posts.Where(step));
            if (page.Count == wanted)
                return page;
        }

        return await PageAsync(posts);

        Task<List<PostView>> PageAsync(IQueryable<Post> from)
        {
            var ordered = filter.IsBackwards
                ? from.OrderBy(key).ThenBy(post => post.Id)
                : from.OrderByDescending(key).ThenByDescending(post => post.Id);
            return ordered.Take(wanted).Select(PostProjection.View(filter.AsOf.UtcDateTime)).TagWith("posts: by value").ToListAsync(cancellationToken);
        }
    }

    // Not backwards: the posts right above the cursor may stand on any step.
    private static Expression<Func<Post, bool>>[] Steps(PostFilter filter) => filter switch
    {
        { IsBackwards: true } => [],
        { Sort: PostSort.Score } => ScoreSteps,
        { Sort: PostSort.Trending } => TrendingSteps,
        _ => [],
    };

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
}
