using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>
/// Looks once a second how far the primary's log has got and how much of it each replica shows, and decides who is read from. It needs no
/// rights beyond connecting.
/// </summary>
internal sealed partial class ReplicaMonitor : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ReadTargets _targets;
    private readonly NpgsqlDataSource _primary;
    private readonly PrimaryPositions _positions = new();
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplicaMonitor> _logger;
    private readonly long _started;

    public ReplicaMonitor(
        ReadTargets targets, IConfiguration configuration, IOptions<ReplicaOptions> options, TimeProvider time,
        ILoggerFactory logging, ILogger<ReplicaMonitor> logger)
    {
        _targets = targets;
        _limit = options.Value.MaxReplicaLag;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        var watching = ReplicaSettings.Watch(configuration.GetConnectionString(StorageExtensions.ConnectionName)!);
        var primary = new NpgsqlDataSourceBuilder(watching) { Name = $"{StorageExtensions.ConnectionName}-monitor" };
        _primary = primary.UseLoggerFactory(logging).Build();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            await _primary.DisposeAsync();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // The primary first: what it has now a replica that keeps up has in a moment.
        await LookAtPrimaryAsync(cancellationToken);
        await Task.WhenAll(_targets.Replicas.Select(replica => LookAtAsync(replica, cancellationToken)));
    }

    private async Task LookAtPrimaryAsync(CancellationToken cancellationToken)
    {
        var answered = _targets.PrimaryAnswers;
        try
        {
            // What is durable is what replicas get; more is written and inserted.
            await using var command = _primary.CreateCommand("SELECT pg_current_wal_flush_lsn()");
            var position = (NpgsqlLogSequenceNumber)(await AskAsync(command.ExecuteScalarAsync, cancellationToken))!;
            _positions.Add(position, _time.GetElapsedTime(_started));
            _targets.PrimaryAnswers = true;
            if (!answered)
                LogPrimaryBack();
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            _targets.PrimaryAnswers = false;
            if (answered)
                LogPrimaryAway(exception.Message);
        }
    }

    private async Task LookAtAsync(ReadReplica replica, CancellationToken cancellationToken)
    {
        ReplicaStatus status;
        var words = default(string);
        try
        {
            status = Judge(await AskAsync(replica.AskAsync, cancellationToken));
        }
        catch (Exception exception) when (IsNoAnswer(exception, cancellationToken))
        {
            var last = replica.Status.Replayed;
            status = new(ReplicaState.Away, last, last is { } position ? _positions.LagOf(position) : null, "it does not answer");
            words = exception.Message;
        }

        if (!replica.Become(status))
            return;
        if (replica.IsUsed)
            LogUsed(replica.Number, replica.Name, status.Lag.GetValueOrDefault());
        else
            LogNotUsed(replica.Number, replica.Name, words is null ? status.Reason : $"{status.Reason} ({words})");
    }

    /// <param name="replayed">Null: no standby.</param>
    private ReplicaStatus Judge(NpgsqlLogSequenceNumber? replayed)
    {
        if (replayed is not { } position)
            return new(ReplicaState.NotStandby, null, null, "it is no standby");

        return _positions.LagOf(position) switch
        {
            null => new(ReplicaState.Behind, position, null, "how far it is behind is not known yet"),
            { } lag when lag > _limit => new(
                ReplicaState.Behind, position, lag,
                string.Create(CultureInfo.InvariantCulture, $"it is {lag.TotalSeconds:0} s behind, more than {_limit.TotalSeconds:0}")),
            { } lag => new(ReplicaState.Following, position, lag, "it follows the primary"),
        };
    }

    // The timeouts of the connection leave out what is neither connecting nor waiting for an answer, like looking up a name.
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(2 * ReplicaSettings.Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await ask(either.Token);
    }

    // Whatever it is: names that are not found and certificates that are refused have exceptions of their own.
    private static bool IsNoAnswer(Exception exception, CancellationToken stopping) =>
        exception is not OperationCanceledException || !stopping.IsCancellationRequested;

    [LoggerMessage(LogLevel.Information, "Reads go to replica {Number} ({Replica}), which is {Lag} behind")]
    private partial void LogUsed(int number, string replica, TimeSpan lag);

    [LoggerMessage(LogLevel.Warning, "Replica {Number} ({Replica}) is not read from: {Reason}")]
    private partial void LogNotUsed(int number, string replica, string reason);

    [LoggerMessage(LogLevel.Warning, "The primary does not answer ({Reason}); reads go on from replicas that were within the limit")]
    private partial void LogPrimaryAway(string reason);

    [LoggerMessage(LogLevel.Information, "The primary answers again")]
    private partial void LogPrimaryBack();
}
