using Npgsql;

namespace SignalFlow.Storage.Access;

/// <summary>What is allowed of one more attempt to give a user's password.</summary>
public enum SignInAttempt
{
    /// <summary>The user is locked out, or not active.</summary>
    Refused,

    /// <summary>The password may be looked at.</summary>
    Allowed,

    /// <summary>So it may; should it be wrong, the user is locked out from now on.</summary>
    Last,
}

/// <summary>
/// Counts wrong passwords in the table <c>users</c>. An attempt counts before its password is looked at, in one statement, and a right one takes all
/// back: of a thousand at the same time no more passwords are looked at than of a thousand one after the other.
/// </summary>
public sealed class SignInAttempts(NpgsqlDataSource dataSource)
{
    /// <param name="userId">Whose password is given.</param>
    /// <param name="mostWrong">The one that locks the user out, counted from 1.</param>
    /// <param name="now">The present.</param>
    /// <param name="lockout">How long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SignInAttempt> CountAsync(Guid userId, int mostWrong, DateTimeOffset now, TimeSpan lockout, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            UPDATE users SET
                access_failed_count = CASE WHEN access_failed_count + 1 < $2 THEN access_failed_count + 1 ELSE 0 END,
                lockout_end = CASE WHEN access_failed_count + 1 < $2 OR NOT lockout_enabled THEN NULL ELSE $4 END
            WHERE id = $1 AND is_active AND (lockout_end IS NULL OR lockout_end <= $3 OR NOT lockout_enabled)
            RETURNING lockout_end IS NOT NULL
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = mostWrong });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = (now + lockout).UtcDateTime });
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            true => SignInAttempt.Last,
            false => SignInAttempt.Allowed,
            _ => SignInAttempt.Refused,
        };
    }

    /// <summary>The password was right.</summary>
    public async Task TakeBackAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "UPDATE users SET access_failed_count = 0, lockout_end = NULL WHERE id = $1 AND (access_failed_count > 0 OR lockout_end IS NOT NULL)");
        command.Parameters.Add(new() { Value = userId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
