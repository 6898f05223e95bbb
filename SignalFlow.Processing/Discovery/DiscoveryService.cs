using System.Data;
using Npgsql;
using SignalFlow.Processing.Anomalies;
using SignalFlow.Processing.Shifts;
using SignalFlow.Processing.Stories;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Processing.Discovery;

/// <summary>
/// Looks at all posts together, for bursting terms, stories, shifts of sentiment and unusual activity: work for one process, which keeps in memory what the next step needs. An advisory lock
/// on a connection of its own makes one of many work as long as that connection lives; when it has gone, another takes over from what is stored.
/// </summary>
internal sealed partial class DiscoveryService(
    NpgsqlDataSource dataSource,
    TermKeeper terms,
    StoryKeeper stories,
    ShiftKeeper shifts,
    AnomalyKeeper anomalies,
    DiscoveryMetrics metrics,
    TimeProvider time,
    ILogger<DiscoveryService> logger) : BackgroundService
{
    // "sf", as the jobs of the storage, and a number that none of them has.
    private const int LockClass = 0x73_66;
    private const int LockId = 102;

    private const int MostHours = 12;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await TryLeadAsync(timer, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TryLeadAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            if (!await AskAsync(connection, $"SELECT pg_try_advisory_lock({LockClass}, {LockId})", cancellationToken))
                return;
            try
            {
                terms.Reset();
                stories.Reset();
                await LeadAsync(connection, timer, cancellationToken);
            }
            finally
            {
                metrics.IsLeading(false);
                // Not cancellable: a pooled connection would carry the lock on. A broken one has lost it already.
                if (connection.State == ConnectionState.Open)
                    await AskAsync(connection, $"SELECT pg_advisory_unlock({LockClass}, {LockId})", CancellationToken.None);
            }
        }
        // Whatever it is: posts are stored without it, and what was not looked at is looked at later.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isFailing)
                LogFailed(exception, Interval);
            _isFailing = true;
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, PeriodicTimer timer, CancellationToken cancellationToken)
    {
        metrics.IsLeading(true);
        do
        {
            // The lock is this connection's: whoever loses it must not go on.
            await AskAsync(connection, "SELECT true", cancellationToken);
            while (await terms.CloseNextAsync(cancellationToken))
                metrics.BucketClosed();
            int found;
            do
                metrics.StoriesFound(found = await stories.FindAsync(cancellationToken));
            while (found > 0);
            await CloseHoursAsync(cancellationToken);
            _isFailing = false;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task CloseHoursAsync(CancellationToken cancellationToken)
    {
        // A few at a time: after an upgrade there are weeks of them, and stories do not wait so long.
        for (var hours = 0; hours < MostHours && await shifts.CloseNextAsync(cancellationToken); hours++)
            metrics.HourClosed();
        for (var hours = 0; hours < MostHours && await anomalies.CloseNextAsync(cancellationToken); hours++)
            metrics.HourClosed();
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(LogLevel.Warning, "Terms, stories, shifts and anomalies could not be found; trying again every {Interval}")]
    private partial void LogFailed(Exception exception, TimeSpan interval);
}
