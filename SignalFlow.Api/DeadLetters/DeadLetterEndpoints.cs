using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;

namespace SignalFlow.Api.DeadLetters;

internal static class DeadLetterEndpoints
{
    public static RouteGroupBuilder MapDeadLetters(this IEndpointRouteBuilder endpoints)
    {
        var letters = endpoints.MapGroup("/dlq").WithTags("Dead letters");
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters").WithSummary("Records that could not be processed, newest first, without content.");
        letters.MapGet("/{id:long}", FindAsync).WithName("GetDeadLetter").WithSummary("One of them, with its content.");
        letters.MapGet("/stats", StatsAsync).WithName("GetDeadLetterStats").WithSummary("How many there are, by state, class and topic.");
        return letters;
    }

    private static async Task<Results<Ok<DeadLetterPage>, ValidationProblem>> ListAsync(
        [AsParameters] DeadLetterListRequest request, DeadLetterQueries letters, HttpRequest http, CancellationToken cancellationToken)
    {
        if (!DeadLetterFilter.TryParse(request, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        var page = await letters.ListAsync(filter, cancellationToken);
        return TypedResults.Ok(new DeadLetterPage
        {
            Next = PageLinks.For(http, page.Next?.Encode()),
            Previous = PageLinks.For(http, page.Previous?.Encode()),
            Results = page.Rows,
        });
    }

    private static async Task<Results<Ok<DeadLetterDetail>, NotFound>> FindAsync(
        long id, DeadLetterQueries letters, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is { } letter ? TypedResults.Ok(letter) : TypedResults.NotFound();

    private static async Task<Ok<DeadLetterStats>> StatsAsync(DeadLetterQueries letters, CancellationToken cancellationToken) =>
        TypedResults.Ok(await letters.StatsAsync(cancellationToken));
}
