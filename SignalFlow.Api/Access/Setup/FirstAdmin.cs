using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Api.Access.Users;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access.Setup;

/// <summary>
/// Makes the first administrator: with the configured password or, without one, by a link that is good once. There is never a default password.
/// </summary>
internal sealed partial class FirstAdmin(
    IServiceScopeFactory scopes, IOptions<AccessOptions> options, TimeProvider time, ILogger<FirstAdmin> logger) : IHostedService
{
    public const string UserName = "admin";

    // Nobody's request.
    private static readonly Caller Start = new("system", null, null, null, null);

    private static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(24);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AccessDbContext>();
        if (await ExistsAsync(database, cancellationToken))
            return;
        if (options.Value.AdminPassword is { Length: > 0 } password)
        {
            if (await AddAsync(scope.ServiceProvider, UserName, password, Start, _ => Task.FromResult(true), cancellationToken) is { Succeeded: false } refused)
                throw new InvalidOperationException($"{AccessOptions.AdminPasswordKey} is not accepted: {string.Join(' ', refused.Errors.Select(error => error.Description))}");
            return;
        }

        var token = await AddLinkAsync(cancellationToken);
        // To the console, for whoever starts the service; a log is kept and read by others.
        Console.Out.WriteLine($"""

            SignalFlow has no administrator. Make one, within {LinkLifetime.TotalHours:0} hours, at
              /api/setup/?token={token}
            of this service, or start it with {AccessOptions.AdminPasswordKey}.

            """);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Uses up a link.</summary>
    /// <returns>Null: the token is not good, or there is a user already.</returns>
    public async Task<IdentityResult?> UseLinkAsync(string token, string name, string password, Caller caller, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await AddAsync(scope.ServiceProvider, name, password, caller with { Name = name }, TakeAsync, cancellationToken);

        async Task<bool> TakeAsync(NpgsqlConnection connection)
        {
            await using var take = new NpgsqlCommand("DELETE FROM setup_links WHERE token_hash = $1 AND expires_at > $2", connection);
            take.Parameters.Add(new() { Value = Hash(token) });
            take.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
            return await take.ExecuteNonQueryAsync(cancellationToken) == 1;
        }
    }

    private async Task<IdentityResult?> AddAsync(
        IServiceProvider services, string name, string password, Caller caller, Func<NpgsqlConnection, Task<bool>> mayAsync,
        CancellationToken cancellationToken)
    {
        var database = services.GetRequiredService<AccessDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        // Of several processes that start together one makes the user.
        await database.Database.ExecuteSqlRawAsync("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        if (await ExistsAsync(database, cancellationToken))
            return null;
        var connection = (NpgsqlConnection)transaction.GetDbTransaction().Connection!;
        if (!await mayAsync(connection))
            return null;
        var user = new User { Id = Guid.NewGuid(), UserName = name, Role = Roles.Name(Role.Admin), CreatedAt = time.GetUtcNow() };
        var result = await services.GetRequiredService<UserManager<User>>().CreateAsync(user, password);
        if (!result.Succeeded)
            return result;
        await AuditLog.AddAsync(
            connection, caller.Audit("user.add", $"user:{name}", @new: """{"role":"admin","is_active":true}"""), time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogAdded(name);
        return result;
    }

    /// <returns>The new link's token.</returns>
    public async Task<string> AddLinkAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AccessDbContext>();
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        var now = time.GetUtcNow().UtcDateTime;
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO setup_links (token_hash, created_at, expires_at) VALUES ({Hash(token)}, {now}, {now + LinkLifetime})", cancellationToken);
        return token;
    }

    public static Task<bool> ExistsAsync(AccessDbContext database, CancellationToken cancellationToken) =>
        database.Users.AnyAsync(user => user.Role == "admin" && user.IsActive, cancellationToken);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    [LoggerMessage(LogLevel.Information, "The first administrator is {User}")]
    private partial void LogAdded(string user);
}
