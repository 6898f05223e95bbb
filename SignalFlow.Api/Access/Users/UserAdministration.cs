using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using SignalFlow.Api.Access.Sessions;
using SignalFlow.Contracts;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access.Users;

/// <summary>What came of a change.</summary>
/// <param name="User">The user as it is now; null: there is none, or the change was refused.</param>
/// <param name="Refused">By field; empty where nothing was.</param>
/// <param name="Conflict">Why the state of things does not allow it.</param>
internal sealed record UserOutcome(User? User, Dictionary<string, string[]>? Refused = null, string? Conflict = null);

/// <summary>Makes, changes and removes users, each with its entry in the audit log.</summary>
internal sealed class UserAdministration(AccessDbContext database, UserManager<User> users, SignIn signIn, UserStates states, TimeProvider time)
{
    private const string LastAdmin = "There must be an active administrator left.";

    private static Dictionary<string, string[]> NotPresent => new() { ["current"] = ["current is not the present password."] };

    public async Task<IReadOnlyList<User>> ListAsync(CancellationToken cancellationToken) =>
        await database.Users.AsNoTracking().OrderBy(user => user.NormalizedUserName).ToListAsync(cancellationToken);

    public async Task<UserOutcome> AddAsync(NewUser request, Role role, Caller caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var user = new User { Id = Guid.NewGuid(), UserName = request.Username, Role = Roles.Name(role), CreatedAt = time.GetUtcNow() };
        try
        {
            var result = await users.CreateAsync(user, request.Password!);
            if (!result.Succeeded)
                return new(null, UserErrors.ByField(result));
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Identity has looked, but somebody else was faster.
            return new(null, new() { ["username"] = [$"username: '{request.Username}' is already taken."] });
        }

        await AuditAsync(transaction, caller.Audit("user.add", Target(user), @new: Json(user)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(user);
    }

    public async Task<UserOutcome> ChangeAsync(Guid id, UserChange change, Caller caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(cancellationToken);
        if (await users.FindByIdAsync(id.ToString()) is not { } user)
            return new(null);

        var old = Json(user);
        if (change.Password is not null && await SetPasswordAsync(user, change.Password) is { Succeeded: false } refused)
            return new(null, UserErrors.ByField(refused));
        user.Role = change.Role ?? user.Role;
        user.IsActive = change.IsActive ?? user.IsActive;
        user.LockoutEnd = null;
        // Whatever it was: the tokens that were issued before say what is no longer so.
        await RenewStampAsync(user);
        if (!await HasAdminAsync(cancellationToken))
            return new(null, Conflict: LastAdmin);
        if (!user.IsActive || change.Password is not null)
            await RefreshTokenStore.RevokeAllAsync(Connection(transaction), id, time.GetUtcNow(), cancellationToken);
        await AuditAsync(
            transaction, caller.Audit(change.Password is null ? "user.change" : "user.change-password", Target(user), old, Json(user)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        states.Forget(id);
        return new(user);
    }

    public async Task<UserOutcome> RemoveAsync(Guid id, Caller caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(cancellationToken);
        if (await users.FindByIdAsync(id.ToString()) is not { } user)
            return new(null);
        Ensure(await users.DeleteAsync(user));
        if (!await HasAdminAsync(cancellationToken))
            return new(null, Conflict: LastAdmin);
        await AuditAsync(transaction, caller.Audit("user.remove", Target(user), old: Json(user)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        states.Forget(id);
        return new(user);
    }

    /// <summary>Signs a user out everywhere.</summary>
    public async Task<bool> EndSessionsAsync(Guid id, Caller caller, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(id, cancellationToken);
        if (await users.FindByIdAsync(id.ToString()) is not { } user)
            return false;
        await RenewStampAsync(user);
        await RefreshTokenStore.RevokeAllAsync(Connection(transaction), id, time.GetUtcNow(), cancellationToken);
        await AuditAsync(transaction, caller.Audit("user.end-sessions", Target(user)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        states.Forget(id);
        return true;
    }

    /// <summary>One's own.</summary>
    public async Task<UserOutcome> ChangePasswordAsync(Guid id, string current, string next, Caller caller, CancellationToken cancellationToken)
    {
        if (await users.FindByIdAsync(id.ToString()) is not { } user)
            return new(null);
        // Before the transaction: a wrong one counts, though nothing else comes of it.
        if (!await signIn.IsPasswordAsync(user, current, cancellationToken))
            return new(null, NotPresent);
        var stamp = user.SecurityStamp;
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(id, cancellationToken);
        await database.Entry(user).ReloadAsync(cancellationToken);
        // Hashing takes its time: somebody may have set another password meanwhile, or removed the user.
        if (user.SecurityStamp != stamp || database.Entry(user).State == EntityState.Detached)
            return new(null, NotPresent);
        if (await SetPasswordAsync(user, next) is { Succeeded: false } refused)
            return new(null, UserErrors.ByField(refused, password: "new"));
        await RenewStampAsync(user);
        await RefreshTokenStore.RevokeAllAsync(Connection(transaction), id, time.GetUtcNow(), cancellationToken);
        await AuditAsync(transaction, caller.Audit("user.change-password", Target(user)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        states.Forget(id);
        return new(user);
    }

    private async Task<IdentityResult> SetPasswordAsync(User user, string password)
    {
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } refused)
                return refused;
        }

        user.PasswordHash = users.PasswordHasher.HashPassword(user, password);
        return IdentityResult.Success;
    }

    // Two administrators who remove each other must not both succeed.
    private async Task LockAsync(CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlRawAsync("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE", cancellationToken);

    // Whoever counts a wrong password, signs in or refreshes writes the same row: before this or after it, not in between.
    private async Task LockAsync(Guid id, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync($"SELECT FROM users WHERE id = {id} FOR UPDATE", cancellationToken);

    private async Task RenewStampAsync(User user) => Ensure(await users.UpdateSecurityStampAsync(user));

    // Under the lock nothing refuses a change; were it lost unseen, an old password would go on being good.
    private static void Ensure(IdentityResult result)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException($"The user could not be changed: {string.Join(' ', result.Errors.Select(error => error.Description))}");
    }

    private Task<bool> HasAdminAsync(CancellationToken cancellationToken) =>
        database.Users.AnyAsync(user => user.Role == "admin" && user.IsActive, cancellationToken);

    private Task AuditAsync(IDbContextTransaction transaction, AuditEntry entry, CancellationToken cancellationToken) =>
        AuditLog.AddAsync(Connection(transaction), entry, time.GetUtcNow(), cancellationToken);

    private static NpgsqlConnection Connection(IDbContextTransaction transaction) => (NpgsqlConnection)transaction.GetDbTransaction().Connection!;

    private static string Target(User user) => $"user:{user.UserName}";

    private static string Json(User user) => JsonSerializer.Serialize(new { role = user.Role, is_active = user.IsActive });
}
