using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SignalFlow.Storage;

namespace SignalFlow.Api.Access.Users;

/// <summary>
/// What a token's user is now. Looked up at most every few seconds a user, so that who is deactivated, demoted or signed out is so
/// everywhere a moment later, not when the token ends.
/// </summary>
internal sealed partial class UserStates(NpgsqlDataSource dataSource, TimeProvider time, ILogger<UserStates> logger)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, (string? Stamp, long At)> _states = [];

    /// <summary>What a token carries of a security stamp; tells nothing of it.</summary>
    public static string Print(string securityStamp) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(securityStamp)).AsSpan(0, 8));

    public async ValueTask<bool> IsCurrentAsync(Guid userId, string? print, CancellationToken cancellationToken)
    {
        if (!_states.TryGetValue(userId, out var state) || time.GetElapsedTime(state.At) > Freshness)
        {
            try
            {
                state = (await ReadAsync(userId, cancellationToken), time.GetTimestamp());
                _states[userId] = state;
            }
            catch (Exception exception) when (exception.IsOfDatabase())
            {
                // What was known goes on; of nobody known the token itself speaks, which is short-lived.
                LogNotChecked(exception.Message);
                return state.At == 0 || state.Stamp == print;
            }
        }

        return state.Stamp is not null && state.Stamp == print;
    }

    /// <summary>In this process at once.</summary>
    public void Forget(Guid userId) => _states.TryRemove(userId, out _);

    private async Task<string?> ReadAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT security_stamp FROM users WHERE id = $1 AND is_active");
        command.Parameters.Add(new() { Value = userId });
        return await command.ExecuteScalarAsync(cancellationToken) is string stamp ? Print(stamp) : null;
    }

    [LoggerMessage(LogLevel.Warning, "Whether a token's user is still active could not be checked: {Reason}")]
    private partial void LogNotChecked(string reason);
}
