using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Answers;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Posts;

internal static class PostEndpoints
{
    private static readonly Dictionary<string, string[]> NothingToSearchFor = new() { ["q"] = ["q must hold a word: a letter or a digit."] };

    public static RouteGroupBuilder MapPosts(this IEndpointRouteBuilder endpoints)
    {
        var posts = endpoints.MapGroup("/api/posts").WithTags("Posts");
        posts.MapGet("/", ListAsync).WithName("ListPosts").WithSummary("Posts, filtered, sorted and keyset-paged.");
        posts.MapGet("/trails", TrailsAsync).WithName("GetPostTrails").WithSummary("The newest observations of several posts, for sparklines.");
        posts.MapGet("/{id}", FindAsync).WithName("GetPost").WithSummary("One post.");
        posts.MapGet("/{id}/history", HistoryAsync).WithName("GetPostHistory").WithSummary("A post's observations, oldest first.");
        return posts;
    }

    /// <summary>The list of posts as a search engine would have it.</summary>
    public static RouteGroupBuilder MapSearch(this IEndpointRouteBuilder endpoints)
    {
        var search = endpoints.MapGroup("/api/search").WithTags("Posts");
        search.MapGet("/", SearchAsync).WithName("SearchPosts").WithSummary("Posts that match q, the best first.");
        return search;
    }

    private static Task<Results<Answer<PostPage>, ValidationProblem>> SearchAsync(
        [AsParameters] PostListRequest request, PostQueries posts, CursorSeals seals, TimeProvider time, HttpRequest http, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Q))
            return Task.FromResult<Results<Answer<PostPage>, ValidationProblem>>(TypedResults.ValidationProblem(NothingToSearchFor));
        // A cursor carries its own sort.
        var byRank = string.IsNullOrEmpty(request.Sort) && string.IsNullOrEmpty(request.Cursor);
        return ListAsync(byRank ? request with { Sort = "relevance" } : request, posts, seals, time, http, cancellationToken);
    }

    private static async Task<Results<Answer<PostPage>, ValidationProblem>> ListAsync(
        [AsParameters] PostListRequest request, PostQueries posts, CursorSeals seals, TimeProvider time, HttpRequest http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        if (!PostFilter.TryParse(request, time.GetUtcNow(), seal, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        if (await posts.ListAsync(filter, cancellationToken) is not { } page)
            return TypedResults.ValidationProblem(NothingToSearchFor);
        var view = new PostPage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal, filter.Scope)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal, filter.Scope)),
            Results = page.Rows,
        };
        return new Answer<PostPage>(view, PostTags.Of(view));
    }

    private static async Task<Results<Answer<PostTrails>, ValidationProblem>> TrailsAsync(
        string? ids, TrailQueries trails, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var wanted = fields.Texts("ids", ids, TrailQueries.MaxPosts);
        if (wanted.Length == 0)
            fields.Refuse("ids", "ids must name at least one post.");
        return fields.Errors.Count > 0
            ? TypedResults.ValidationProblem(fields.Errors)
            : Answer<PostTrails>.Fresh(await trails.GetAsync(wanted, cancellationToken));
    }

    private static async Task<Results<Answer<PostView>, NotFound>> FindAsync(string id, PostQueries posts, CancellationToken cancellationToken) =>
        await posts.FindAsync(id, cancellationToken) is { } post ? new Answer<PostView>(post, PostTags.Of(post)) : TypedResults.NotFound();

    private static async Task<Results<Answer<PostHistory>, NotFound>> HistoryAsync(
        string id, PostQueries posts, CancellationToken cancellationToken) =>
        await posts.HistoryAsync(id, cancellationToken) is { } history ? Answer<PostHistory>.Fresh(history) : TypedResults.NotFound();
}
