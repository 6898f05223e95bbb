using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using SignalFlow.Api.Access;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Reference;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts.Delivery;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Alerts;

/// <summary>One's own channels.</summary>
internal static class ChannelEndpoints
{
    internal const int MostOfOneUser = 20;
    private const long MaxBodyBytes = 8 << 10;

    public static RouteGroupBuilder MapAlertChannels(this IEndpointRouteBuilder endpoints)
    {
        var channels = endpoints.MapGroup("/api/alerts/channels").WithTags("Alerts");
        channels.MapGet("/", async (NpgsqlDataSource database, HttpContext http, CancellationToken cancel) =>
                TypedResults.Ok(new AlertChannelList(
                    [.. (await AlertChannelStore.ListAsync(database, AlertEndpoints.Owner(http), cancel)).Select(ChannelFields.View)])))
            .WithName("ListAlertChannels").WithSummary("One's own channels, by name, without their targets.");
        channels.MapGet("/{id:long}", FindAsync).WithName("GetAlertChannel").WithSummary("One of them; its ETag is the version that changes are based on.");
        channels.MapGet("/{id:long}/deliveries", DeliveriesAsync)
            .WithName("ListAlertDeliveries").WithSummary("The newest hundred messages to a channel, with every attempt.");
        var writing = channels.MapGroup("").MarksWrites();
        writing.MapPost("/", AddAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertChannelDefinition)))
            .WithName("AddAlertChannel").WithSummary("Makes a channel; the answer shows a webhook's secret this once.");
        writing.MapPut("/{id:long}", ReplaceAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(AlertChannelDefinition)))
            .WithName("ReplaceAlertChannel").WithSummary("Changes name, target or activity; a new target of a webhook has a new secret.");
        writing.MapDelete("/{id:long}", DeleteAsync).WithName("DeleteAlertChannel").WithSummary("Removes a channel; rules send to it no more.");
        writing.MapPost("/{id:long}/test", TestAsync).WithName("TestAlertChannel").WithSummary("Sends a message that says nothing but that the channel works.");
        return channels;
    }

    private static async Task<Results<Ok<AlertChannelView>, NotFound>> FindAsync(
        long id, NpgsqlDataSource database, HttpContext http, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await AlertChannelStore.FindAsync(connection, AlertEndpoints.Owner(http), id, forUpdate: false, cancellationToken) is not { } channel)
            return TypedResults.NotFound();
        EntityVersion.Show(http.Response, ChannelFields.Version(channel));
        return TypedResults.Ok(ChannelFields.View(channel));
    }

    private static async Task<Results<Ok<AlertDeliveryList>, NotFound>> DeliveriesAsync(
        long id, NpgsqlDataSource database, HttpContext http, CancellationToken cancellationToken)
    {
        var owner = AlertEndpoints.Owner(http);
        return (await AlertChannelStore.OwnAsync(database, owner, [id], cancellationToken)).Count == 0
            ? TypedResults.NotFound()
            : TypedResults.Ok(new AlertDeliveryList(await AlertChannelStore.DeliveriesAsync(database, owner, id, cancellationToken)));
    }

    private static async Task<Results<Created<CreatedAlertChannel>, ValidationProblem, ProblemHttpResult>> AddAsync(
        ChannelFields rules, NpgsqlDataSource database, ChannelSecrets secrets, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (given, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.AlertChannelDefinition, cancellationToken);
        if (refusal is not null)
            return refusal;
        given ??= new();
        var fields = new QueryFields();
        var name = ChannelFields.Name(given, fields);
        var kind = rules.Kind(given, fields);
        var hint = kind is null ? null : rules.Hint(kind, given.Target?.Trim(), fields);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var caller = Caller.Of(http);
        var owner = caller.UserId!.Value;
        var now = time.GetUtcNow();
        var secret = NewSecret(kind!);
        var sealedTarget = await secrets.SealAsync(owner, new(given.Target!.Trim(), secret), cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (outcome, channel) = await AlertChannelStore.AddAsync(
            connection, new(0, owner, name!, kind!, hint!, sealedTarget, given.Active ?? true, now, now, 0), MostOfOneUser, cancellationToken);
        if (channel is null)
            return RuleEndpoints.Refused(outcome, "channels", MostOfOneUser);
        await AuditLog.AddAsync(connection, caller.Audit("alert_channel.add", Target(channel.Id), @new: Audited(channel)), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        EntityVersion.Show(http.Response, ChannelFields.Version(channel));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/alerts/channels/{channel.Id}/", new CreatedAlertChannel(ChannelFields.View(channel), secret));
    }

    private static async Task<Results<Ok<CreatedAlertChannel>, NotFound, ValidationProblem, ProblemHttpResult>> ReplaceAsync(
        long id, ChannelFields rules, NpgsqlDataSource database, ChannelSecrets secrets, TimeProvider time, HttpContext http,
        CancellationToken cancellationToken)
    {
        var (given, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.AlertChannelDefinition, cancellationToken);
        if (refusal is not null)
            return refusal;
        given ??= new();
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;
        var caller = Caller.Of(http);
        var owner = caller.UserId!.Value;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlertChannelStore.FindAsync(connection, owner, id, forUpdate: true, cancellationToken) is not { } present)
            return TypedResults.NotFound();
        if (version is { } known && known != present.Version)
            return EntityVersion.Stale();
        var fields = new QueryFields();
        var name = ChannelFields.Name(given, fields);
        if (given.Kind is not null && given.Kind != present.Kind)
            fields.Refuse("kind", "kind never changes; make another channel.");
        var hint = given.Target is null ? present.Hint : rules.Hint(present.Kind, given.Target.Trim(), fields);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        // Whoever reads the old target's messages must not be able to sign for the new one.
        var secret = given.Target is null ? null : NewSecret(present.Kind);
        var sealedTarget = given.Target is null ? present.SealedTarget : await secrets.SealAsync(owner, new(given.Target.Trim(), secret), cancellationToken);
        var (outcome, channel) = await AlertChannelStore.ReplaceAsync(
            connection,
            present with { Name = name!, Hint = hint!, SealedTarget = sealedTarget, Active = given.Active ?? true, UpdatedAt = time.GetUtcNow() },
            cancellationToken);
        if (channel is null)
            return RuleEndpoints.Refused(outcome);
        await AuditLog.AddAsync(
            connection, caller.Audit("alert_channel.change", Target(id), Audited(present), Audited(channel)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        EntityVersion.Show(http.Response, ChannelFields.Version(channel));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new CreatedAlertChannel(ChannelFields.View(channel), secret));
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        long id, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;
        var caller = Caller.Of(http);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlertChannelStore.FindAsync(connection, caller.UserId!.Value, id, forUpdate: true, cancellationToken) is not { } present)
            return TypedResults.NotFound();
        if (version is { } known && known != present.Version)
            return EntityVersion.Stale();
        await AlertChannelStore.DeleteAsync(connection, caller.UserId.Value, id, cancellationToken);
        await AuditLog.AddAsync(connection, caller.Audit("alert_channel.delete", Target(id), old: Audited(present)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Accepted<AlertTestView>, NotFound, ProblemHttpResult>> TestAsync(
        long id, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AlertChannelStore.FindAsync(connection, caller.UserId!.Value, id, forUpdate: true, cancellationToken) is null)
            return TypedResults.NotFound();
        if (await AlertChannelStore.AddTestAsync(connection, id, time.GetUtcNow(), cancellationToken) is not { } test)
            return TypedResults.Problem("A test of this channel is under way.", statusCode: StatusCodes.Status409Conflict);
        await AuditLog.AddAsync(connection, caller.Audit("alert_channel.test", Target(id)), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Accepted($"/api/alerts/channels/{id}/deliveries/", new AlertTestView(test));
    }

    private static string? NewSecret(string kind) => kind == "webhook" ? ChannelSecrets.NewSecret() : null;

    private static string Target(long id) => string.Create(CultureInfo.InvariantCulture, $"alert_channel:{id}");

    private static string Audited(AlertChannel channel) =>
        JsonSerializer.Serialize(new { name = channel.Name, kind = channel.Kind, hint = channel.Hint, active = channel.Active });
}
