using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Access;
using SignalFlow.Api.Access.Searches;
using SignalFlow.Api.Analytics;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts;
using SignalFlow.Storage.Access;

namespace SignalFlow.Api.Feeds;

/// <summary>Lists of posts for feed readers.</summary>
internal static class FeedEndpoints
{
    public const string SearchesPath = "/api/feeds/searches";

    /// <summary>What the address of a feed ends with.</summary>
    public static readonly string[] Formats = [".atom", ".json"];

    private const int MostPosts = 50;

    public static void MapFeeds(this IEndpointRouteBuilder endpoints)
    {
        var searches = endpoints.MapGroup(SearchesPath).WithTags("Feeds").AllowAnonymous();
        searches.MapGet(
                "/{token}.atom",
                (string token, HttpContext http, SavedSearchStore store, PostQueries posts, CursorSeals seals, TimeProvider time, CancellationToken cancel) =>
                    SearchAsync(token, isAtom: true, http, store, posts, seals, time, cancel))
            .WithName("GetSearchAtom").WithSummary("The newest posts of a saved search as Atom; its address is a secret of its owner.");
        searches.MapGet(
                "/{token}.json",
                (string token, HttpContext http, SavedSearchStore store, PostQueries posts, CursorSeals seals, TimeProvider time, CancellationToken cancel) =>
                    SearchAsync(token, isAtom: false, http, store, posts, seals, time, cancel))
            .WithName("GetSearchJsonFeed").WithSummary("The same as JSON Feed 1.1.");
        var trending = endpoints.MapGroup("/api/feeds").WithTags("Feeds").RequireAccess(Policies.Read);
        trending.MapGet("/trending.atom", (HttpContext http, TrendingQueries queries, CancellationToken cancel) =>
                TrendingAsync(isAtom: true, http, queries, cancel))
            .WithName("GetTrendingAtom").WithSummary("Posts that trend as Atom.");
        trending.MapGet("/trending.json", (HttpContext http, TrendingQueries queries, CancellationToken cancel) =>
                TrendingAsync(isAtom: false, http, queries, cancel))
            .WithName("GetTrendingJsonFeed").WithSummary("Posts that trend as JSON Feed 1.1.");
    }

    /// <summary>Of a saved search's feed.</summary>
    public static string Address(HttpContext http, string token, string format) => UriHelper.BuildAbsolute(
        http.Request.Scheme, http.Request.Host, http.Request.PathBase, $"{SearchesPath}/{token}.{format}");

    private static async Task<Results<FeedAnswer, NotFound>> SearchAsync(
        string token, bool isAtom, HttpContext http, SavedSearchStore store, PostQueries posts, CursorSeals seals, TimeProvider time,
        CancellationToken cancellationToken)
    {
        token = http.Features.Get<FeedSecret>()?.Token ?? token;
        if (await store.FindByFeedAsync(FeedToken.HashOf(token), cancellationToken) is not { } search)
            return TypedResults.NotFound();
        // Whatever the order of the search, a feed is what is new.
        var request = SavedQuery.Request(search.Query) with { Sort = null };
        if (!PostFilter.TryParse(request, time.GetUtcNow(), await seals.GetAsync(cancellationToken), out var filter, out _)
            || await posts.ListAsync(filter with { PageSize = MostPosts }, cancellationToken) is not { } page)
            return TypedResults.NotFound();
        return new FeedAnswer(new(search.Name, Address(http, token, isAtom ? "atom" : "json"), Home(http, "/search?" + search.Query), page.Rows), isAtom);
    }

    private static async Task<FeedAnswer> TrendingAsync(bool isAtom, HttpContext http, TrendingQueries queries, CancellationToken cancellationToken)
    {
        var list = await queries.GetAsync(TrendingQueries.Surge, [], [], MostPosts, cancellationToken);
        return new(new("Trending on Reddit", http.Request.GetEncodedUrl(), Home(http, "/trending"), [.. list.Results.Select(result => result.Post)]), isAtom);
    }

    private static string Home(HttpContext http, string path) => $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}{path}";
}
