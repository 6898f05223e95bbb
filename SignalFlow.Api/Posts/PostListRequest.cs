using Microsoft.AspNetCore.Mvc;

namespace SignalFlow.Api.Posts;

/// <summary>The query of <c>GET /api/posts/</c> as sent; all are text, so that a wrong value is answered by its field's name.</summary>
internal sealed record PostListRequest(
    [FromQuery(Name = "subreddit")] string? Subreddit,
    [FromQuery(Name = "author")] string? Author,
    [FromQuery(Name = "flair")] string? Flair,
    [FromQuery(Name = "trending")] string? Trending,
    [FromQuery(Name = "over_18")] string? Over18,
    [FromQuery(Name = "phase")] string? Phase,
    [FromQuery(Name = "min_score")] string? MinScore,
    [FromQuery(Name = "max_score")] string? MaxScore,
    [FromQuery(Name = "sentiment")] string? Sentiment,
    [FromQuery(Name = "min_sentiment")] string? MinSentiment,
    [FromQuery(Name = "max_sentiment")] string? MaxSentiment,
    [FromQuery(Name = "keyword")] string? Keyword,
    [FromQuery(Name = "q")] string? Q,
    [FromQuery(Name = "start")] string? Start,
    [FromQuery(Name = "end")] string? End,
    [FromQuery(Name = "sort")] string? Sort,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);
