using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.DeadLetters.Replaying;
using SignalFlow.Api.Paging;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Reference;
using SignalFlow.Contracts;

namespace SignalFlow.Api.DeadLetters;

internal static class DeadLetterEndpoints
{
    private const long MaxBodyBytes = 64 << 10;

    public static RouteGroupBuilder MapDeadLetters(this IEndpointRouteBuilder endpoints)
    {
        var letters = endpoints.MapGroup("/dlq").WithTags("Dead letters");
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters").WithSummary("Records that could not be processed, newest first, without content.");
        letters.MapGet("/{id:long}", FindAsync).WithName("GetDeadLetter").WithSummary("One of them, with its content.");
        letters.MapGet("/stats", StatsAsync).WithName("GetDeadLetterStats").WithSummary("How many there are, by state, class, topic and age.");
        letters.MapPost("/replay", ReplayEndpoints.ReplayAsync).TakesAtMost(MaxBodyBytes).MarksWrites()
            .WithMetadata(new DocumentedBody(typeof(DeadLetterReplayRequest)))
            .WithName("ReplayDeadLetters").WithSummary("Sends the records of several letters to their topics again, or counts them.");
        letters.MapPost("/replay/{id:long}", ReplayEndpoints.ReplayOneAsync).MarksWrites()
            .WithName("ReplayDeadLetter").WithSummary("Sends the record of one letter to its topic again.");
        letters.MapPost("/discard", ReplayEndpoints.DiscardAsync).TakesAtMost(MaxBodyBytes).MarksWrites()
            .WithMetadata(new DocumentedBody(typeof(DeadLetterDiscardRequest)))
            .WithName("DiscardDeadLetters").WithSummary("Settles several letters without replaying them, or counts them.");
        letters.MapPost("/discard/{id:long}", ReplayEndpoints.DiscardOneAsync).TakesAtMost(MaxBodyBytes).MarksWrites()
            .WithMetadata(new DocumentedBody(typeof(DeadLetterDiscardRequest)))
            .WithName("DiscardDeadLetter").WithSummary("Settles one letter without replaying it.");
        return letters;
    }

    private static async Task<Results<Ok<DeadLetterPage>, ValidationProblem>> ListAsync(
        [AsParameters] DeadLetterListRequest request, DeadLetterQueries letters, CursorSeals seals, HttpRequest http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        if (!DeadLetterFilter.TryParse(request, seal, out var filter, out var errors))
            return TypedResults.ValidationProblem(errors);
        var page = await letters.ListAsync(filter, cancellationToken);
        return TypedResults.Ok(new DeadLetterPage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal, DeadLetterFilter.List, filter.Scope)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal, DeadLetterFilter.List, filter.Scope)),
            Results = page.Rows,
        });
    }

    private static async Task<Results<Ok<DeadLetterDetail>, NotFound>> FindAsync(
        long id, DeadLetterQueries letters, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is { } letter ? TypedResults.Ok(letter) : TypedResults.NotFound();

    private static async Task<Ok<DeadLetterStats>> StatsAsync(DeadLetterQueries letters, CancellationToken cancellationToken) =>
        TypedResults.Ok(await letters.StatsAsync(cancellationToken));
}
