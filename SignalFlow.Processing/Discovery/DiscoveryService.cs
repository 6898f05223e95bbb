using System.Data;
using Npgsql;
using SignalFlow.Processing.Anomalies;
using SignalFlow.Processing.Shifts;
using SignalFlow.Processing.Stories;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Processing.Discovery;

/// <summary>
/// Looks at all posts together, for bursting terms, stories, shifts of sentiment and unusual activity: work for one process, which keeps in memory what
/// the next step needs. An advisory lock on a connection of its own makes one of many work as long as that connection lives; when it has gone, another
/// takes over from what is stored.
/// </summary>
internal sealed partial class DiscoveryService(
    NpgsqlDataSource dataSource,
    StoredUntil stored,
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

    private const string Leading = "leading";
    private const string Stored = "stored";
    private const string Terms = "terms";
    private const string Stories = "stories";
    private const string Shifts = "shifts";
    private const string Activity = "activity";

    private const int MostHours = 12;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // What failed when it was last tried: told once, not every ten seconds.
    private readonly HashSet<string> _failing = [];

    /// <summary>What may fail by itself.</summary>
    public static IReadOnlyList<string> Works { get; } = [Leading, Stored, Terms, Stories, Shifts, Activity];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await TryLeadAsync(timer, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        // Also what the database says that has gone first: nothing is tried again, and the lock goes with its connection.
        catch (Exception) when (stoppingToken.IsCancellationRequested)
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
        // The database is away, or whoever leads has lost its connection.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(Leading, exception);
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, PeriodicTimer timer, CancellationToken cancellationToken)
    {
        metrics.IsLeading(true);
        do
        {
            // The lock is this connection's: whoever loses it must not go on.
            await AskAsync(connection, "SELECT true", cancellationToken);
            _failing.Remove(Leading);
            await WorkAsync(Stored, stored.AskAsync, null, cancellationToken);
            await WorkAsync(Terms, CloseTermsAsync, terms.Reset, cancellationToken);
            await WorkAsync(Stories, FindStoriesAsync, stories.Reset, cancellationToken);
            await WorkAsync(Shifts, cancel => CloseHoursAsync(shifts.CloseNextAsync, cancel), null, cancellationToken);
            await WorkAsync(Activity, cancel => CloseHoursAsync(anomalies.CloseNextAsync, cancel), null, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Whatever fails holds up nothing else: posts are stored without it, and what was not looked at is looked at later.</summary>
    private async Task WorkAsync(string name, Func<CancellationToken, Task> work, Action? reset, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
            _failing.Remove(name);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What it knows may be more than what is stored.
            reset?.Invoke();
            Failed(name, exception);
        }
    }

    private async Task CloseTermsAsync(CancellationToken cancellationToken)
    {
        while (stored.Instant is { } until && await terms.CloseNextAsync(until, cancellationToken))
            metrics.BucketClosed();
    }

    private async Task FindStoriesAsync(CancellationToken cancellationToken)
    {
        bool isLast;
        do
        {
            (var found, isLast) = await stories.FindAsync(cancellationToken);
            metrics.StoriesFound(found);
        }
        // Not until none is left: while it looks, others have come.
        while (!isLast);
    }

    private async Task CloseHoursAsync(Func<DateTimeOffset, CancellationToken, Task<bool>> closeNext, CancellationToken cancellationToken)
    {
        // A few at a time: after an upgrade there are weeks of them, and stories do not wait so long.
        for (var hours = 0; hours < MostHours && stored.Instant is { } until && await closeNext(until, cancellationToken); hours++)
            metrics.HourClosed();
    }

    private void Failed(string what, Exception exception)
    {
        metrics.Failed(what);
        if (_failing.Add(what))
            LogFailed(exception, what, Interval);
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(LogLevel.Warning, "Looking at all posts together: {What} failed; trying again every {Interval}")]
    private partial void LogFailed(Exception exception, string what, TimeSpan interval);
}
