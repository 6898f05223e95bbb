using Npgsql;
using SignalFlow.Api.Access.Users;
using SignalFlow.Storage;

namespace SignalFlow.Api.Live;

/// <summary>
/// Ends connections whose key was revoked, or whose user was deactivated or signed out: they were let in once, and would go on for as long as their token
/// says, or for ever. Asks once for all of them, and each credential once, however many connections have it. While the database is away nobody is ended.
/// </summary>
internal sealed partial class LiveCredentials(LiveFeed feed, NpgsqlDataSource database, TimeProvider time, ILogger<LiveCredentials> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly PeriodicTimer _timer = new(Interval, time);

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
                await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var shown = feed.Credentials();
        if (shown.Count == 0)
            return;
        try
        {
            var (keys, stamps) = await ReadAsync(shown, cancellationToken);
            shown.RemoveWhere(credential => credential.KeyId is { } key
                ? keys.Contains(key)
                : stamps.TryGetValue(credential.UserId, out var stamp) && stamp == credential.Stamp);
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            LogNotChecked(exception.Message);
            return;
        }

        if (shown.Count > 0)
            feed.End(shown);
    }

    /// <returns>Of these the keys that are good, and the print of each active user's stamp.</returns>
    private async Task<(HashSet<long> Keys, Dictionary<Guid, string> Stamps)> ReadAsync(
        IReadOnlyCollection<LiveCredential> shown, CancellationToken cancellationToken)
    {
        // Both in one round trip. Keys that expire end with their connection's own time.
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new("""
            SELECT key.id FROM api_keys key JOIN users owner ON owner.id = key.user_id
            WHERE key.id = ANY ($1) AND key.revoked_at IS NULL AND owner.is_active
            """)
        {
            Parameters = { new() { Value = shown.Select(credential => credential.KeyId).OfType<long>().ToArray() } },
        });
        batch.BatchCommands.Add(new("SELECT id, security_stamp FROM users WHERE id = ANY ($1) AND is_active")
        {
            Parameters = { new() { Value = shown.Where(credential => credential.KeyId is null).Select(credential => credential.UserId).Distinct().ToArray() } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var keys = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(reader.GetInt64(0));
        await reader.NextResultAsync(cancellationToken);
        var stamps = new Dictionary<Guid, string>();
        while (await reader.ReadAsync(cancellationToken))
            stamps.Add(reader.GetGuid(0), UserStates.Print(reader.GetString(1)));
        return (keys, stamps);
    }

    [LoggerMessage(LogLevel.Warning, "Whether live connections may go on could not be checked: {Reason}")]
    private partial void LogNotChecked(string reason);
}
