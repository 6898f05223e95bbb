using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access;

internal static class SigningKeyEndpoints
{
    public static RouteGroupBuilder MapSigningKeys(this IEndpointRouteBuilder endpoints)
    {
        var keys = endpoints.MapGroup("/api/admin/signing-keys").WithTags("Administration");
        keys.MapPost("/rotate", RotateAsync).WithName("RotateSigningKey")
            .WithSummary("Another key signs access tokens from now on; those issued before stay good until they end.");
        return keys;
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RotateAsync(
        SigningKeys keys, NpgsqlDataSource database, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        if (keys.AreConfigured)
        {
            return TypedResults.Problem(
                "The key is configured: set Api:SigningKey to a new one and Api:PreviousSigningKey to this one.", statusCode: StatusCodes.Status409Conflict);
        }

        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var id = await SigningKeyStore.RotateAsync(connection, SigningKeyStore.AccessToken, now, cancellationToken);
        await AuditLog.AddAsync(
            connection,
            Caller.Of(http).Audit("signing-key.rotate", "signing-key:access-token", @new: JsonSerializer.Serialize(new { id })),
            now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        keys.Forget();
        return TypedResults.NoContent();
    }
}
