using Microsoft.EntityFrameworkCore;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>
/// Finds the newest posts with something in their text. A common word is found soonest by walking through the feed until the page is full, a rare
/// one by asking the index for all its posts. Which of the two a word is, the planner can only guess, and a wrong guess costs a look at every post
/// there is. So neither way is taken on trust: the walk ends after a number of posts; then the posts that the index knows are counted, as far as
/// that costs no more than the walk has; and if they are too many, the walk goes further. All ways lead to the same rows.
/// </summary>
internal sealed class FeatureSearch(SignalFlowDbContext database, PostConditions conditions, FeedOrder order, FirstWalk firstWalk)
{
    private const int Growth = 8;

    /// <summary>A word that one post in so many has is common: to count its posts would take longer than to walk on.</summary>
    private const int CommonIsOneIn = 50;

    /// <param name="wanted">How many rows.</param>
    /// <param name="show">What to read of the posts, in their order.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<List<TRow>> FindAsync<TRow>(int wanted, Func<IQueryable<Post>, IQueryable<TRow>> show, CancellationToken cancellationToken)
    {
        var first = conditions.IndexedByPosts ? firstWalk.Posts : firstWalk.Features;
        for (var bound = first; ; bound *= Growth)
        {
            var rows = await ReadAsync(Walk(bound));
            if (rows.Count == wanted || !await IsLongerThanAsync(bound, cancellationToken))
                return rows;
            // The next walk is about to fill the page.
            if (!conditions.IndexedByFeatures || rows.Count * Growth / 2 > wanted)
                continue;
            if (bound == first && await IsCommonAsync(bound, cancellationToken))
                continue;
            // A hit is read from anywhere, a row of the walk lies beside the one before: as many hits as the last walk had rows cost what the next
            // one does.
            if (await conditions.Candidates(Features).Take(bound + 1).TagWith("posts: candidates").CountAsync(cancellationToken) <= bound)
                return await ReadAsync(Hits());
        }

        Task<List<TRow>> ReadAsync(IQueryable<PlacedPost> posts) =>
            show(order.Ordered(posts).Take(wanted).Select(post => post.Post)).ToListAsync(cancellationToken);
    }

    private IQueryable<Post> Posts => order.Beyond(conditions.Indexed(database.Posts));

    private IQueryable<PostNlp> Features => order.Beyond(conditions.InRange(database.PostFeatures));

    /// <summary>The hits among the first <paramref name="bound"/> posts of the feed, as far as an index of the posts knows what belongs to it.</summary>
    private IQueryable<PlacedPost> Walk(int bound) => conditions.IndexedByPosts
        ? WithMatch(conditions.Rest(order.Ordered(Posts).Take(bound)))
        : WithPost(conditions.Matching(order.Ordered(Features).Take(bound)));

    private async Task<bool> IsLongerThanAsync(int bound, CancellationToken cancellationToken) => conditions.IndexedByPosts
        ? await order.Ordered(Posts).Skip(bound).Select(post => post.Id).AnyAsync(cancellationToken)
        : await order.Ordered(Features).Skip(bound).Select(row => row.PostId).AnyAsync(cancellationToken);

    private async Task<bool> IsCommonAsync(int bound, CancellationToken cancellationToken)
    {
        // The page, which the walk could not fill, tells it already.
        if (!conditions.IndexIsInexact)
            return false;
        var candidates = conditions.IndexedByPosts
            ? order.Ordered(Posts).Take(bound).Join(conditions.Candidates(database.PostFeatures), post => post.Id, row => row.PostId, (_, row) => row)
            : conditions.Candidates(order.Ordered(Features).Take(bound));
        return await candidates.TagWith("posts: candidates").CountAsync(cancellationToken) > bound / CommonIsOneIn;
    }

    /// <summary>
    /// The hits that the index knows. The inner limit, which limits nothing, keeps the planner from taking the order of the outer query for a
    /// reason to walk; the outer one from sorting after it has read every post.
    /// </summary>
    private IQueryable<PlacedPost> Hits() => WithPost(order.Ordered(conditions.Matching(Features).Take(int.MaxValue)).Take(int.MaxValue));

    // Joined to rows that come in the order of the page: what is cheap then is a look-up by key for each, and to stop when the page is full.
    private IQueryable<PlacedPost> WithPost(IQueryable<PostNlp> features) => features.Join(
        conditions.Rest(conditions.Indexed(database.Posts)), row => row.PostId, post => post.Id,
        (row, post) => new PlacedPost { Post = post, CreatedUtc = row.CreatedUtc, Id = row.PostId });

    private IQueryable<PlacedPost> WithMatch(IQueryable<Post> posts) => posts.Join(
        conditions.Matching(database.PostFeatures), post => post.Id, row => row.PostId,
        (post, _) => new PlacedPost { Post = post, CreatedUtc = post.CreatedUtc, Id = post.Id });
}

/// <summary>How many rows a search walks through before it asks an index.</summary>
internal sealed record FirstWalk
{
    /// <summary>Features of posts that follow each other lie side by side.</summary>
    public int Features { get; init; } = 5_000;

    /// <summary>Posts of a subreddit or of an author lie anywhere, and the features of each are looked up.</summary>
    public int Posts { get; init; } = 2_000;
}
