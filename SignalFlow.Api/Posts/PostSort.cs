namespace SignalFlow.Api.Posts;

/// <summary>Orders of <c>GET /api/posts/</c>; all descending, ties by id.</summary>
internal enum PostSort
{
    New,
    Score,
    Velocity,
    Trending,
    Momentum,
    Surge,

    /// <summary>By how well a post matches the search.</summary>
    Relevance,
}
