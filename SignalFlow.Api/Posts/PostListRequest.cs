using Microsoft.AspNetCore.Mvc;

namespace SignalFlow.Api.Posts;

/// <summary>The query of <c>GET /api/posts/</c> as sent; all are text, so that a wrong value is answered by its field's name.</summary>
internal sealed record PostListRequest(
    [FromQuery(Name = "subreddit")] string? Subreddit,
    [FromQuery(Name = "trending")] string? Trending,
    [FromQuery(Name = "q")] string? Q,
    [FromQuery(Name = "start")] string? Start,
    [FromQuery(Name = "end")] string? End,
    [FromQuery(Name = "sort")] string? Sort,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);
