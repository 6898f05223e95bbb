using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Contracts;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access.Keys;

internal static class ApiKeyEndpoints
{
    private const int MaxNameLength = 100;
    private const int MostOfOneUser = 20;

    /// <summary>One's own.</summary>
    public static RouteGroupBuilder MapOwnKeys(this IEndpointRouteBuilder endpoints)
    {
        var keys = endpoints.MapGroup("/api/account/keys").WithTags("Access");
        keys.MapGet("/", async (ApiKeyStore store, HttpContext http, CancellationToken cancel) => List(await store.ListAsync(Caller.Of(http).UserId, cancel)))
            .WithName("ListOwnApiKeys").WithSummary("One's own API keys, newest first.");
        keys.MapPost("/", AddAsync).MarksWrites().WithName("AddApiKey").WithSummary("Makes an API key of one's own; the answer shows it this once.");
        keys.MapDelete("/{id:long}", (long id, NpgsqlDataSource database, ApiKeys known, TimeProvider time, HttpContext http, CancellationToken cancel) =>
                RevokeAsync(id, Caller.Of(http).UserId, database, known, time, http, cancel))
            .MarksWrites().WithName("RevokeOwnApiKey").WithSummary("Ends one of one's own API keys.");
        return keys;
    }

    /// <summary>Everybody's.</summary>
    public static RouteGroupBuilder MapAllKeys(this IEndpointRouteBuilder endpoints)
    {
        var keys = endpoints.MapGroup("/api/admin/keys").WithTags("Administration");
        keys.MapGet("/", async (ApiKeyStore store, CancellationToken cancel) => List(await store.ListAsync(null, cancel)))
            .WithName("ListApiKeys").WithSummary("All API keys, newest first.");
        keys.MapDelete("/{id:long}", (long id, NpgsqlDataSource database, ApiKeys known, TimeProvider time, HttpContext http, CancellationToken cancel) =>
                RevokeAsync(id, null, database, known, time, http, cancel))
            .MarksWrites().WithName("RevokeApiKey").WithSummary("Ends an API key.");
        return keys;
    }

    private static async Task<Results<Created<CreatedApiKey>, ValidationProblem, ProblemHttpResult>> AddAsync(
        NewApiKey request, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        if (Errors(request, caller, time) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);

        var (secret, hash, hint) = ApiKeys.Make();
        var now = time.GetUtcNow();
        var row = new KeyRow(
            0, request.Name!.Trim(), caller.UserId!.Value, caller.Name, hint, [.. request.Scopes!.Distinct()], now,
            request.ExpiresAt?.ToUniversalTime(), null, null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ApiKeyStore.AddAsync(connection, row, hash, MostOfOneUser, cancellationToken) is not { } id)
            return TypedResults.Problem($"You have {MostOfOneUser} keys already; revoke one first.", statusCode: StatusCodes.Status409Conflict);
        row = row with { Id = id };
        var made = JsonSerializer.Serialize(new { name = row.Name, scopes = row.Scopes, expires_at = row.ExpiresAt });
        await AuditLog.AddAsync(connection, caller.Audit("key.add", Target(row.Id), @new: made), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/account/keys/{row.Id}/", new CreatedApiKey(secret, View(row)));
    }

    private static Dictionary<string, string[]> Errors(NewApiKey request, Caller caller, TimeProvider time)
    {
        var fields = new QueryFields();
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > MaxNameLength || !OneLine.Is(request.Name))
            fields.Refuse("name", $"name must be text of 1 to {MaxNameLength} characters, in one line.");
        if (request.Scopes is not { Count: > 0 } scopes || scopes.Any(scope => !Policies.Scopes.Contains(scope)))
            fields.Refuse("scopes", $"scopes must name at least one of {string.Join(", ", Policies.Scopes)}.");
        else if (scopes.FirstOrDefault(scope => caller.Role < Policies.RoleOf(scope)) is { } tooMuch)
            fields.Refuse("scopes", $"scopes holds {tooMuch}, which needs the role {Roles.Name(Policies.RoleOf(tooMuch))}.");
        if (request.ExpiresAt <= time.GetUtcNow())
            fields.Refuse("expires_at", "expires_at must lie in the future.");
        return fields.Errors;
    }

    private static async Task<Results<NoContent, NotFound>> RevokeAsync(
        long id, Guid? owner, NpgsqlDataSource database, ApiKeys known, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ApiKeyStore.RevokeAsync(connection, id, owner, time.GetUtcNow(), cancellationToken) is not { } name)
            return TypedResults.NotFound();
        await AuditLog.AddAsync(
            connection, Caller.Of(http).Audit("key.revoke", Target(id), old: JsonSerializer.Serialize(new { name })), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        known.Forget();
        return TypedResults.NoContent();
    }

    private static string Target(long id) => string.Create(CultureInfo.InvariantCulture, $"key:{id}");

    private static Ok<ApiKeyList> List(IReadOnlyList<KeyRow> rows) => TypedResults.Ok(new ApiKeyList([.. rows.Select(View)]));

    private static ApiKeyView View(KeyRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Username = row.UserName,
        Hint = row.Hint,
        Scopes = row.Scopes,
        CreatedAt = row.CreatedAt,
        ExpiresAt = row.ExpiresAt,
        LastUsedAt = row.LastUsedAt,
        RevokedAt = row.RevokedAt,
    };
}
