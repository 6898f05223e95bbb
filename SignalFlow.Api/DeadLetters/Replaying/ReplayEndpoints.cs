using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Access;
using SignalFlow.Contracts;

namespace SignalFlow.Api.DeadLetters.Replaying;

internal static class ReplayEndpoints
{
    public static async Task<Results<Ok<DeadLetterReplayResult>, ValidationProblem, ProblemHttpResult>> ReplayAsync(
        DeadLetterOperations letters, HttpContext http, CancellationToken cancellationToken)
    {
        var (request, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.DeadLetterReplayRequest, cancellationToken);
        if (refusal is not null)
            return refusal;
        // The original system replays all when it is told nothing.
        if (!SelectedLetters.TryParse(request ?? new() { All = true }, out var selected, out var errors))
            return TypedResults.ValidationProblem(errors);
        var run = await letters.ReplayAsync(selected, Caller.Of(http), cancellationToken);
        return Failure(run) is { } failure ? failure : TypedResults.Ok(run.Result(selected.DryRun));
    }

    public static async Task<Results<Ok<DeadLetterReplayResult>, ValidationProblem, NotFound, ProblemHttpResult>> ReplayOneAsync(
        long id,
        [FromQuery(Name = "dry_run")] string? dryRun,
        [FromQuery(Name = "force")] string? force,
        DeadLetterOperations letters,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var selected = SelectedLetters.One(id, fields.Boolean("dry_run", dryRun) ?? false, fields.Boolean("force", force) ?? false);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        var run = await letters.ReplayAsync(selected, Caller.Of(http), cancellationToken);
        if (Failure(run) is { } failure)
            return failure;
        if (run.Found.Total == 0)
            return TypedResults.NotFound();
        // Whoever has come second finds it taken, either when looking or when taking.
        if (run.Found.Ready == 0 || !selected.DryRun && run.Replayed == 0)
            return Conflict(run.Result(selected.DryRun).Skipped.Keys.FirstOrDefault() ?? "replaying");
        return TypedResults.Ok(run.Result(selected.DryRun));
    }

    public static async Task<Results<Ok<DeadLetterDiscardResult>, ValidationProblem, ProblemHttpResult>> DiscardAsync(
        DeadLetterOperations letters, HttpContext http, CancellationToken cancellationToken)
    {
        var (request, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.DeadLetterDiscardRequest, cancellationToken);
        if (refusal is not null)
            return refusal;
        request ??= new();
        if (!SelectedLetters.TryParse(request, out var selected, out var errors))
            return TypedResults.ValidationProblem(errors);
        return TypedResults.Ok(await letters.DiscardAsync(selected, request.Reason!.Trim(), Caller.Of(http), cancellationToken));
    }

    public static async Task<Results<Ok<DeadLetterDiscardResult>, ValidationProblem, NotFound, ProblemHttpResult>> DiscardOneAsync(
        long id, DeadLetterOperations letters, HttpContext http, CancellationToken cancellationToken)
    {
        var (request, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.DeadLetterDiscardRequest, cancellationToken);
        if (refusal is not null)
            return refusal;
        request ??= new();
        var fields = new QueryFields();
        SelectedLetters.CheckReason(request.Reason, fields);
        if (request.Ids is not null || request.Filter is not null)
            fields.Refuse(request.Ids is not null ? "ids" : "filter", "The address says which letter it is.");
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        var result = await letters.DiscardAsync(
            SelectedLetters.One(id, request.DryRun, force: false), request.Reason!.Trim(), Caller.Of(http), cancellationToken);
        if (result.Matched == 0)
            return TypedResults.NotFound();
        if (result.Discarded + result.Remaining == 0)
            return Conflict(result.Skipped.Keys.FirstOrDefault() ?? "discarded");
        return TypedResults.Ok(result);
    }

    private static ProblemHttpResult Conflict(string reason) => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict,
        title: "The dead letter is not in a state for this.",
        detail: reason switch
        {
            "replaying" => "It is being replayed; its outcome is not known yet.",
            "resolved" => "It is resolved: its record is stored.",
            "discarded" => "It is discarded.",
            "parked" => "It is parked: its replays have failed. force=true replays it all the same.",
            "purged" => "Its content is gone, because Reddit has removed the post.",
            "truncated" => "Only the beginning of its record was kept.",
            "source_unknown" => "It does not say which topic of posts its record is from.",
            "too_large" => "Its topic does not take the record again.",
            _ => reason,
        },
        extensions: [new("reason", reason)]);

    private static ProblemHttpResult? Failure(ReplayRun run)
    {
        if (run.HasNoKafka)
            return NoKafka();
        return run.Failure is null ? null : Unavailable(run);
    }

    private static ProblemHttpResult NoKafka() => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Dead letters cannot be replayed here.",
        detail: "This API has no connection to Kafka (ConnectionStrings:kafka). Nothing has changed.");

    private static ProblemHttpResult Unavailable(ReplayRun run) => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Kafka does not take the records.",
        detail: $"{run.Replayed} dead letters were replayed, {run.Returned} were not and are as they were. Try again later.",
        extensions: [new("replayed", run.Replayed), new("returned", run.Returned), new("remaining", run.Left)]);
}
