using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Ingestion;

internal static class IngestionEndpoints
{
    public static RouteGroupBuilder MapIngestion(this IEndpointRouteBuilder endpoints)
    {
        var ingestion = endpoints.MapGroup("/api/ingestion").WithTags("Ingestion");
        ingestion.MapGet("/", GetAsync).WithName("GetIngestion").WithSummary("The shards of ingestion: holder, quota, sweep.");
        ingestion.MapGet("/subreddits", SubredditsAsync).WithName("ListSubreddits").WithSummary("Subreddits and whether they can be polled.");
        ingestion.MapGet("/purges", PurgesAsync).WithName("ListPurges").WithSummary("Purged posts, newest first, and totals by reason.");
        return ingestion;
    }

    private static async Task<Ok<IngestionView>> GetAsync(IngestionQueries ingestion, CancellationToken cancellationToken) =>
        TypedResults.Ok(new IngestionView { Shards = await ingestion.ShardsAsync(cancellationToken) });

    private static async Task<Results<Ok<SubredditStatusList>, ValidationProblem>> SubredditsAsync(
        [AsParameters] SubredditListRequest request, IngestionQueries ingestion, CancellationToken cancellationToken)
    {
        if (!SubredditFilter.TryParse(request, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        return TypedResults.Ok(new SubredditStatusList { Results = await ingestion.SubredditsAsync(filter, cancellationToken) });
    }

    private static async Task<Results<Ok<PurgePage>, ValidationProblem>> PurgesAsync(
        [AsParameters] PurgeListRequest request, PurgeQueries purges, CursorSeals seals, HttpRequest http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        if (!PurgeFilter.TryParse(request, seal, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        var page = await purges.ListAsync(filter, cancellationToken);
        return TypedResults.Ok(new PurgePage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal)),
            Summary = await purges.SummaryAsync(cancellationToken),
            Results = page.Rows,
        });
    }
}
