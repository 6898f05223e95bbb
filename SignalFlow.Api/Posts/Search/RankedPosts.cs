using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>Reads pages of the posts that match a search, the best first.</summary>
internal sealed class RankedPosts(SignalFlowDbContext database, FirstWalk firstWalk)
{
    /// <summary>Of the posts that match, the newest are ranked: to rank a common word's all would take seconds.</summary>
    private const int Ranked = 1_000;

    public async Task<List<(PostView Post, double Rank)>> ReadAsync(PostConditions conditions, int wanted, CancellationToken cancellationToken)
    {
        var filter = conditions.Filter;
        var ranks = await new FeatureSearch(database, conditions, new(cursor: null), firstWalk)
            .FindAsync(Ranked, posts => conditions.Text!.Rank(posts).TagWith("posts: ranks"), cancellationToken);
        var page = Page(ranks, filter.Cursor, wanted);
        var ids = page.ConvertAll(ranked => ranked.Id);
        var posts = await database.Posts
            .Where(post => ids.Contains(post.Id) && post.PurgedAt == null)
            .Select(PostProjection.View(filter.AsOf.UtcDateTime))
            .TagWith("posts: ranked")
            .ToDictionaryAsync(post => post.Id, cancellationToken);
        return [.. page.Where(ranked => posts.ContainsKey(ranked.Id)).Select(ranked => (posts[ranked.Id], ranked.Rank))];
    }

    private static List<RankedPost> Page(List<RankedPost> posts, PostCursor? cursor, int wanted)
    {
        posts.Sort((one, other) => Compare(other, one.Rank, one.Id));
        if (cursor is null)
            return posts.GetRange(0, Math.Min(wanted, posts.Count));
        if (!cursor.Backwards)
            return [.. posts.Where(post => Compare(post, cursor.Key, cursor.Id) < 0).Take(wanted)];
        posts.Reverse();
        return [.. posts.Where(post => Compare(post, cursor.Key, cursor.Id) > 0).Take(wanted)];
    }

    private static int Compare(RankedPost post, double rank, string id) =>
        post.Rank.CompareTo(rank) is not 0 and var byRank ? byRank : string.CompareOrdinal(post.Id, id);
}
