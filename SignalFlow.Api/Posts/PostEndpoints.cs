using Microsoft.AspNetCore.Http.HttpResults;
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
        posts.MapGet("/{id}", FindAsync).WithName("GetPost").WithSummary("One post.");
        posts.MapGet("/{id}/history", HistoryAsync).WithName("GetPostHistory").WithSummary("A post's observations, oldest first.");
        return posts;
    }

    private static async Task<Results<Ok<PostPage>, ValidationProblem>> ListAsync(
        [AsParameters] PostListRequest request, PostQueries posts, CursorSeals seals, TimeProvider time, HttpRequest http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        if (!PostFilter.TryParse(request, time.GetUtcNow(), seal, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        if (await posts.ListAsync(filter, cancellationToken) is not { } page)
            return TypedResults.ValidationProblem(NothingToSearchFor);
        return TypedResults.Ok(new PostPage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal, filter.Scope)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal, filter.Scope)),
            Results = page.Rows,
        });
    }

    private static async Task<Results<Ok<PostView>, NotFound>> FindAsync(string id, PostQueries posts, CancellationToken cancellationToken) =>
        await posts.FindAsync(id, cancellationToken) is { } post ? TypedResults.Ok(post) : TypedResults.NotFound();

    private static async Task<Results<Ok<PostHistory>, NotFound>> HistoryAsync(
        string id, PostQueries posts, CancellationToken cancellationToken) =>
        await posts.HistoryAsync(id, cancellationToken) is { } history ? TypedResults.Ok(history) : TypedResults.NotFound();
}
