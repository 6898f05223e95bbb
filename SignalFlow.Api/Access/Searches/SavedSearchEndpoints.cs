using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Feeds;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Contracts;
using SignalFlow.Storage.Access;

namespace SignalFlow.Api.Access.Searches;

/// <summary>One's own saved searches.</summary>
internal static class SavedSearchEndpoints
{
    private const int MaxNameLength = 100;
    private const int MaxQueryLength = 2_000;
    private const int MostOfOneUser = 100;

    public static RouteGroupBuilder MapSavedSearches(this IEndpointRouteBuilder endpoints)
    {
        var searches = endpoints.MapGroup("/api/account/searches").WithTags("Access");
        searches.MapGet("/", async (SavedSearchStore store, HttpContext http, CancellationToken cancel) =>
                TypedResults.Ok(new SavedSearchList([.. (await store.ListAsync(Owner(http), cancel)).Select(View)])))
            .WithName("ListSavedSearches").WithSummary("One's own saved searches, by name.");
        searches.MapPost("/", SaveAsync).MarksWrites().WithName("SaveSearch").WithSummary("Saves a search; one of the same name gets the new query.");
        searches.MapDelete(
                "/{id:long}",
                async Task<Results<NoContent, NotFound>> (long id, SavedSearchStore store, HttpContext http, CancellationToken cancel) =>
                    await store.RemoveAsync(Owner(http), id, cancel) ? TypedResults.NoContent() : TypedResults.NotFound())
            .MarksWrites().WithName("RemoveSavedSearch").WithSummary("Removes one of one's own saved searches.");
        searches.MapPost("/{id:long}/feed", AddFeedAsync).MarksWrites().WithName("AddSavedSearchFeed")
            .WithSummary("Gives a search an address as a feed, in place of the one it has; the answer shows it this once.");
        searches.MapDelete(
                "/{id:long}/feed",
                async Task<Results<NoContent, NotFound>> (long id, SavedSearchStore store, HttpContext http, CancellationToken cancel) =>
                    await store.SetFeedAsync(Owner(http), id, null, cancel) ? TypedResults.NoContent() : TypedResults.NotFound())
            .MarksWrites().WithName("RemoveSavedSearchFeed").WithSummary("Ends the feed of a search.");
        return searches;
    }

    private static async Task<Results<Ok<FeedAddress>, NotFound>> AddFeedAsync(
        long id, SavedSearchStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var token = FeedToken.New();
        if (!await store.SetFeedAsync(Owner(http), id, FeedToken.HashOf(token), cancellationToken))
            return TypedResults.NotFound();
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new FeedAddress { Atom = FeedEndpoints.Address(http, token, "atom"), Json = FeedEndpoints.Address(http, token, "json") });
    }

    private static async Task<Results<Ok<SavedSearchView>, ValidationProblem, ProblemHttpResult>> SaveAsync(
        NewSavedSearch request, SavedSearchStore store, CursorSeals seals, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var name = request.Name?.Trim();
        if (string.IsNullOrEmpty(name) || name.Length > MaxNameLength || !OneLine.Is(name))
            fields.Refuse("name", $"name must be text of 1 to {MaxNameLength} characters, in one line.");
        var query = request.Query?.TrimStart('?');
        if (query is null || query.Length > MaxQueryLength || query.Contains('\0', StringComparison.Ordinal))
            fields.Refuse("query", $"query must be a query string of at most {MaxQueryLength} characters.");
        else if (await ErrorOfAsync(query, seals, time, cancellationToken) is { } error)
            fields.Refuse("query", error);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var saved = await store.SaveAsync(Owner(http), name!, query!, MostOfOneUser, time.GetUtcNow(), cancellationToken);
        return saved is null
            ? TypedResults.Problem($"You have {MostOfOneUser} saved searches already; remove one first.", statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Ok(View(saved));
    }

    /// <summary>What is saved today must be a search tomorrow.</summary>
    private static async Task<string?> ErrorOfAsync(string query, CursorSeals seals, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = SavedQuery.Request(query);
        return PostFilter.TryParse(request, time.GetUtcNow(), await seals.GetAsync(cancellationToken), out _, out var errors)
            ? null
            : string.Join(' ', errors.Values.SelectMany(texts => texts));
    }

    private static Guid Owner(HttpContext http) => Caller.Of(http).UserId!.Value;

    private static SavedSearchView View(SavedSearchRow row) =>
        new() { Id = row.Id, Name = row.Name, Query = row.Query, CreatedAt = row.CreatedAt, HasFeed = row.HasFeed };
}
