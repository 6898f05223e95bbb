using System.Diagnostics;
using Npgsql;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>When a process is killed.</summary>
internal enum KillMoment
{
    /// <summary>Within two seconds of its start: while it connects, or joins its group.</summary>
    Starting,

    /// <summary>While the database works on one of its transactions.</summary>
    InTransaction,

    /// <summary>Within 50 ms after it has committed offsets.</summary>
    AfterCommit,

    /// <summary>At any moment of its first eight seconds.</summary>
    AnyTime,
}

/// <summary>Waits for the moments of killing.</summary>
internal sealed class KillMoments(Random random, NpgsqlDataSource database, GroupLag lag)
{
    private static readonly KillMoment[] All = Enum.GetValues<KillMoment>();
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly List<KillMoment> _left = [];

    /// <summary>Each kind as often as every other, in a random order.</summary>
    public KillMoment Next()
    {
        if (_left.Count == 0)
            _left.AddRange(All);
        var index = random.Next(_left.Count);
        var moment = _left[index];
        _left.RemoveAt(index);
        return moment;
    }

    /// <returns>False when the moment has not come in time.</returns>
    public async Task<bool> WaitAsync(KillMoment moment, CancellationToken cancellationToken)
    {
        switch (moment)
        {
            case KillMoment.Starting:
                await Task.Delay(random.Next(2_000), cancellationToken);
                return true;
            case KillMoment.InTransaction:
                // Not always the first one.
                await Task.Delay(random.Next(4_000), cancellationToken);
                return await UntilAsync(() => IsInTransactionAsync(cancellationToken), cancellationToken);
            case KillMoment.AfterCommit:
                var before = lag.Committed();
                var came = await UntilAsync(() => Task.FromResult(lag.Committed() != before), cancellationToken);
                await Task.Delay(random.Next(50), cancellationToken);
                return came;
            default:
                await Task.Delay(random.Next(8_000), cancellationToken);
                return true;
        }
    }

    /// <summary>Whether a statement that writes observations is being executed.</summary>
    public async Task<bool> IsInTransactionAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT EXISTS (
              SELECT FROM pg_stat_activity
              WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'INSERT INTO post%')
            """);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(since) > LongestWait)
                return false;
            await Task.Delay(Step, cancellationToken);
        }

        return true;
    }
}
