using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using SignalFlow.Api.Access;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Reference;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Alerts;

/// <summary>One's own rules.</summary>
internal static class RuleEndpoints
{
    internal const int MostOfOneUser = 50;
    private const long MaxBodyBytes = 16 << 10;

    public static RouteGroupBuilder MapAlertRules(this IEndpointRouteBuilder endpoints)
    {
        var rules = endpoints.MapGroup("/api/alerts/rules").WithTags("Alerts");
        rules.MapGet("/", async (NpgsqlDataSource database, HttpContext http, CancellationToken cancel) =>
                TypedResults.Ok(new AlertRuleList([.. (await AlertRuleStore.ListAsync(database, AlertEndpoints.Owner(http), cancel)).Select(RuleFields.View)])))
            .WithName("ListAlertRules").WithSummary("One's own rules, by name.");
        rules.MapGet("/{id:long}", FindAsync).WithName("GetAlertRule").WithSummary("One of them; its ETag is the version that changes are based on.");
        rules.MapPost("/preview", PreviewAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertRuleDefinition)))
            .WithName("PreviewAlertRule").WithSummary("What a rule would have fired on in the last seven days.");
        var writing = rules.MapGroup("").MarksWrites();
        writing.MapPost("/", AddAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertRuleDefinition)))
            .WithName("AddAlertRule").WithSummary("Makes a rule, which looks at what comes from now on.");
        writing.MapPut("/{id:long}", ReplaceAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertRuleDefinition)))
            .WithName("ReplaceAlertRule").WithSummary("Gives a rule another definition.");
        writing.MapPost("/{id:long}/mute", MuteAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertMute)))
            .WithName("MuteAlertRule").WithSummary("Sends nothing until a time.");
        writing.MapDelete("/{id:long}", DeleteAsync).WithName("DeleteAlertRule").WithSummary("Removes a rule and its alerts.");
        return rules;
    }

    private static async Task<Results<Ok<AlertRuleView>, NotFound>> FindAsync(
        long id, NpgsqlDataSource database, HttpContext http, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await AlertRuleStore.FindAsync(connection, AlertEndpoints.Owner(http), id, forUpdate: false, cancellationToken) is { } rule
            ? Show(rule, http) : TypedResults.NotFound();
    }

    private static async Task<Results<Ok<AlertPreviewView>, ValidationProblem, ProblemHttpResult>> PreviewAsync(
        NpgsqlDataSource database, AlertStore alerts, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (given, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.AlertRuleDefinition, cancellationToken);
        if (refusal is not null)
            return refusal;
        var fields = new QueryFields();
        if (RuleFields.Condition(given ?? new(), fields) is not { } condition)
            return TypedResults.ValidationProblem(fields.Errors);
        return await RulePreview.MakeAsync(database, alerts, condition, time.GetUtcNow(), cancellationToken) is { } preview
            ? TypedResults.Ok(preview)
            : TypedResults.Problem(
                "Make the query narrower, or name subreddits.", statusCode: StatusCodes.Status422UnprocessableEntity, title: "Trying the rule took too long.");
    }

    private static async Task<Results<Created<AlertRuleView>, ValidationProblem, ProblemHttpResult>> AddAsync(
        NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (definition, errors, refusal) = await ReadAsync(database, http, cancellationToken);
        if (refusal is not null)
            return refusal;
        if (definition is null)
            return errors!;

        var caller = Caller.Of(http);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (outcome, rule) = await AlertRuleStore.AddAsync(connection, caller.UserId!.Value, definition, MostOfOneUser, time.GetUtcNow(), cancellationToken);
        if (rule is null)
            return Refused(outcome);
        await AuditLog.AddAsync(
            connection, caller.Audit("alert_rule.add", Target(rule.Id), @new: Audited(rule.Definition)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        EntityVersion.Show(http.Response, RuleFields.Version(rule));
        return TypedResults.Created($"/api/alerts/rules/{rule.Id}/", RuleFields.View(rule));
    }

    private static async Task<Results<Ok<AlertRuleView>, NotFound, ValidationProblem, ProblemHttpResult>> ReplaceAsync(
        long id, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (definition, errors, refusal) = await ReadAsync(database, http, cancellationToken);
        if (refusal is not null)
            return refusal;
        if (definition is null)
            return errors!;
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;
        return await ChangeAsync(id, version, _ => definition, "alert_rule.change", database, time, http, cancellationToken);
    }

    private static async Task<Results<Ok<AlertRuleView>, NotFound, ValidationProblem, ProblemHttpResult>> MuteAsync(
        long id, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (given, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.AlertMute, cancellationToken);
        if (refusal is not null)
            return refusal;
        // Nobody else's change is overwritten, so it needs no version.
        return await ChangeAsync(
            id, version: null, rule => rule with { MutedUntil = given?.Until?.ToUniversalTime() }, "alert_rule.mute", database, time, http, cancellationToken);
    }

    private static async Task<Results<Ok<AlertRuleView>, NotFound, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        long id, long? version, Func<RuleDefinition, RuleDefinition> change, string action, NpgsqlDataSource database, TimeProvider time, HttpContext http,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlertRuleStore.FindAsync(connection, caller.UserId!.Value, id, forUpdate: true, cancellationToken) is not { } present)
            return TypedResults.NotFound();
        if (version is { } known && known != present.State.Version)
            return EntityVersion.Stale();
        var (outcome, rule) = await AlertRuleStore.ReplaceAsync(connection, present, change(present.Definition), time.GetUtcNow(), cancellationToken);
        if (rule is null)
            return Refused(outcome);
        await AuditLog.AddAsync(
            connection, caller.Audit(action, Target(id), Audited(present.Definition), Audited(rule.Definition)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Show(rule, http);
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        long id, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;
        var caller = Caller.Of(http);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlertRuleStore.FindAsync(connection, caller.UserId!.Value, id, forUpdate: true, cancellationToken) is not { } present)
            return TypedResults.NotFound();
        if (version is { } known && known != present.State.Version)
            return EntityVersion.Stale();
        await AlertRuleStore.DeleteAsync(connection, id, cancellationToken);
        await AuditLog.AddAsync(
            connection, caller.Audit("alert_rule.delete", Target(id), old: Audited(present.Definition)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<(RuleDefinition? Definition, ValidationProblem? Errors, ProblemHttpResult? Refusal)> ReadAsync(
        NpgsqlDataSource database, HttpContext http, CancellationToken cancellationToken)
    {
        var (given, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.AlertRuleDefinition, cancellationToken);
        if (refusal is not null)
            return (null, null, refusal);
        var fields = new QueryFields();
        var definition = RuleFields.Read(given ?? new(), fields);
        // Of another's channel one learns nothing, also not that it is there.
        if (definition is { Channels: { Length: > 0 } channels }
            && (await AlertChannelStore.OwnAsync(database, AlertEndpoints.Owner(http), channels, cancellationToken)).Count < channels.Length)
            fields.Refuse("channels", "channels must be ids of channels of one's own.");
        return fields.Errors.Count > 0 ? (null, TypedResults.ValidationProblem(fields.Errors), null) : (definition, null, null);
    }

    internal static ProblemHttpResult Refused(AlertEditOutcome outcome, string what = "rules", int most = MostOfOneUser) => outcome == AlertEditOutcome.TooMany
        ? TypedResults.Problem($"You have {most} {what} already; remove one first.", statusCode: StatusCodes.Status409Conflict)
        : TypedResults.Problem(new HttpValidationProblemDetails(
            new Dictionary<string, string[]> { ["name"] = ["You have another of this name, in whatever case."] })
        {
            Status = StatusCodes.Status409Conflict,
            Title = "The name is taken.",
        });

    private static Ok<AlertRuleView> Show(AlertRule rule, HttpContext http)
    {
        EntityVersion.Show(http.Response, RuleFields.Version(rule));
        return TypedResults.Ok(RuleFields.View(rule));
    }

    private static string Target(long id) => string.Create(CultureInfo.InvariantCulture, $"alert_rule:{id}");

    private static string Audited(RuleDefinition rule) =>
        JsonSerializer.Serialize(RuleFields.Definition(rule), ContractsJsonContext.Default.AlertRuleDefinition);
}
