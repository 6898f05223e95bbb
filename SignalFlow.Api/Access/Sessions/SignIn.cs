using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Api.Access.Users;
using SignalFlow.Contracts;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access.Sessions;

/// <summary>Begins, goes on with and ends sessions.</summary>
internal sealed partial class SignIn(
    UserManager<User> users,
    AccessTokens access,
    RefreshTokenStore refresh,
    SignInAttempts attempts,
    NpgsqlDataSource dataSource,
    AccessMetrics metrics,
    IOptions<AccessOptions> options,
    TimeProvider time,
    ILogger<SignIn> logger)
{
    // Of no user; hashing against it takes as long as against a real one.
    private static readonly Lazy<string> NobodysHash = new(() => new PasswordHasher<User>().HashPassword(null!, Guid.NewGuid().ToString()));

    /// <returns>Null: for whatever reason not.</returns>
    public async Task<TokenPair?> WithPasswordAsync(string name, string password, CancellationToken cancellationToken)
    {
        var user = await users.FindByNameAsync(name);
        if (!await IsPasswordAsync(user, password, cancellationToken) || user is null)
            return null;

        var stamp = user.SecurityStamp!;
        var token = await refresh.StartAsync(user.Id, stamp, time.GetUtcNow(), RefreshLifetime, cancellationToken);
        metrics.SignedIn(token is null ? "refused" : "ok");
        return token is null ? null : await PairAsync(user, stamp, token, cancellationToken);
    }

    /// <summary>Whether it is this user's. Wrong ones count, wherever they are given, and while they lock the user out none is right.</summary>
    public async Task<bool> IsPasswordAsync(User? user, string password, CancellationToken cancellationToken)
    {
        var attempt = user is null
            ? SignInAttempt.Refused
            : await attempts.CountAsync(user.Id, options.Value.MaxFailedSignIns, time.GetUtcNow(), options.Value.LockoutDuration, cancellationToken);
        if (user is null || attempt == SignInAttempt.Refused)
        {
            users.PasswordHasher.VerifyHashedPassword(user!, NobodysHash.Value, password);
            metrics.SignedIn(user is { IsActive: true } ? "locked_out" : "refused");
            return false;
        }

        if (await users.CheckPasswordAsync(user, password))
        {
            await attempts.TakeBackAsync(user.Id, cancellationToken);
            return true;
        }

        if (attempt == SignInAttempt.Last)
            LogLockedOut(user.UserName, options.Value.LockoutDuration);
        metrics.SignedIn("refused");
        return false;
    }

    public async Task<TokenPair?> WithRefreshTokenAsync(string token, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var result = await refresh.RefreshAsync(token, now, RefreshLifetime, options.Value.SessionLifetime, cancellationToken);
        var user = result.UserId is { } id ? await users.FindByIdAsync(id.ToString()) : null;
        if (result.WasReused)
        {
            metrics.Refreshed("reused");
            LogReused(user?.UserName);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(connection, caller.Audit("session.reuse", $"user:{user?.UserName}"), now, cancellationToken);
        }

        if (result.Token is null || user is not { IsActive: true })
        {
            if (!result.WasReused)
                metrics.Refreshed("refused");
            return null;
        }

        metrics.Refreshed("ok");
        return await PairAsync(user, result.SecurityStamp!, result.Token, cancellationToken);
    }

    public Task OutAsync(string token, CancellationToken cancellationToken) => refresh.RevokeAsync(token, time.GetUtcNow(), cancellationToken);

    private TimeSpan RefreshLifetime => options.Value.RefreshTokenLifetime < options.Value.SessionLifetime
        ? options.Value.RefreshTokenLifetime
        : options.Value.SessionLifetime;

    private async Task<TokenPair> PairAsync(User user, string stamp, string refreshToken, CancellationToken cancellationToken) =>
        new(await access.IssueAsync(user, stamp, cancellationToken), refreshToken, (int)options.Value.AccessTokenLifetime.TotalSeconds);

    [LoggerMessage(LogLevel.Warning, "A refresh token of {User} was used twice; the session is ended")]
    private partial void LogReused(string? user);

    [LoggerMessage(LogLevel.Warning, "{User} is locked out for {Duration} after too many wrong passwords")]
    private partial void LogLockedOut(string? user, TimeSpan duration);
}
