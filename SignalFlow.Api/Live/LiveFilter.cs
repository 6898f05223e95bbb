using SignalFlow.Contracts;

namespace SignalFlow.Api.Live;

/// <summary>Which posts a client wants to see; empty sets mean all. Clients with equal filters share what is encoded for them.</summary>
internal sealed record LiveFilter
{
    /// <summary>Lower case.</summary>
    public required string[] Subreddits { get; init; }

    /// <summary>Values of <see cref="PostView.PollPriority"/>.</summary>
    public required string[] Tiers { get; init; }

    /// <summary>Names of phases.</summary>
    public string[] Phases { get; init; } = [];

    public int? MinScore { get; init; }
    public bool TrendingOnly { get; init; }

    /// <summary>A post has all of them; lower case.</summary>
    public required string[] Keywords { get; init; }

    /// <summary>Equal for filters that let the same posts through.</summary>
    public string Key => field ??= string.Join('\n', [
        string.Join(',', Subreddits.Order(StringComparer.Ordinal)),
        string.Join(',', Tiers.Order(StringComparer.Ordinal)),
        string.Join(',', Phases.Order(StringComparer.Ordinal)),
        $"{MinScore}",
        $"{TrendingOnly}",
        string.Join(',', Keywords.Order(StringComparer.Ordinal)),
    ]);

    /// <summary>A purged post has lost what most conditions look at, but whoever has it must hear of its end.</summary>
    public bool Matches(PostView post) =>
        (Subreddits.Length == 0 || Subreddits.Contains(post.Subreddit, StringComparer.OrdinalIgnoreCase))
        && (post.Purged || MatchesState(post));

    private bool MatchesState(PostView post) =>
        (Tiers.Length == 0 || Tiers.Contains(post.PollPriority, StringComparer.Ordinal))
        && (Phases.Length == 0 || Phases.Contains(post.Surge?.Phase, StringComparer.Ordinal))
        && !(post.CurrentScore < MinScore)
        && (!TrendingOnly || post.IsTrending)
        && Array.TrueForAll(Keywords, keyword => post.Nlp?.Keywords.Contains(keyword) == true);
}
