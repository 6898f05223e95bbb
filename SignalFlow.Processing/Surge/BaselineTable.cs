using System.Collections.Frozen;
using SignalFlow.Contracts;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// The baselines of one cut, by community. A pure function of its rows, so replicas that read the same rows compute the same signals.
/// </summary>
/// <remarks>
/// A small sample is drawn to the pooled row as if <see cref="PooledPosts"/> posts more had been seen there: M' = (n M + 20 M_all) / (n + 20).
/// The pooled row is first scaled to the community: communities differ by factors of hundreds, and how high a community's posts end is known
/// long before enough of them have been seen at every age. The scale is on the logarithm, ln(1 + typical final score) against that of all.
/// </remarks>
internal sealed class BaselineTable
{
    /// <summary>The weight of the pooled row, in posts.</summary>
    public const int PooledPosts = 20;

    /// <summary>A community with fewer posts at an age says so: "baseline learning (12/30 posts)".</summary>
    public const int LearnedPosts = SurgeView.LearnedPosts;

    private readonly FrozenDictionary<string, CommunityBaseline> _communities;
    private readonly CommunityBaseline _unknown;

    public BaselineTable(BaselineRows rows)
    {
        var pooled = new PooledBaseline(rows);
        var bins = rows.Bins.Where(row => row.Subreddit is not null).ToLookup(row => row.Subreddit!, StringComparer.OrdinalIgnoreCase);
        var growth = rows.Growth.Where(row => row.Subreddit is not null).ToLookup(row => row.Subreddit!, StringComparer.OrdinalIgnoreCase);
        var finals = rows.Communities.Where(row => row.Subreddit is not null).ToDictionary(row => row.Subreddit!, StringComparer.OrdinalIgnoreCase);
        _communities = bins.Select(group => group.Key).Union(finals.Keys, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(
            name => name,
            name => pooled.Shrink(bins[name], growth[name], finals.GetValueOrDefault(name)),
            StringComparer.OrdinalIgnoreCase);
        _unknown = pooled.Shrink([], [], default);
    }

    /// <summary>No post has been seen yet.</summary>
    public static BaselineTable Empty { get; } = new(new BaselineRows([], [], []));

    /// <summary>The row of a community, in any case; that of all communities where it is not known.</summary>
    public CommunityBaseline Of(string subreddit) => _communities.TryGetValue(subreddit, out var community) ? community : _unknown;
}
