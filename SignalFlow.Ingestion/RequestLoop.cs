using System.Diagnostics;
using SignalFlow.Ingestion.Planning;

namespace SignalFlow.Ingestion;

/// <summary>
/// Drives the planner: sends what it plans when it is due. Between two requests it sleeps until the planner's next time or until something
/// changes.
/// </summary>
internal sealed partial class RequestLoop(
    RequestPlanner planner,
    RequestExchange exchange,
    OldPostLookup oldPosts,
    IngestionMetrics metrics,
    IngestionPulse pulse,
    TimeProvider time,
    ILogger<RequestLoop> logger) : IDisposable
{
    /// <summary>The loop turns at least this often, so that a loop which does not can be told from an idle one.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    // Enough for a slow answer not to hold up the others; the rate is the planner's business. Also what bounds the observations on their
    // way to Kafka: while it is away, requests under way wait for their deliveries and no others are sent.
    private const int MaxInFlight = 16;

    private static readonly TimeSpan GaugeInterval = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _slots = new(MaxInFlight);
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private TaskCompletionSource _changed = NewSignal();
    private DateTimeOffset _gaugesAt;

    /// <summary>Runs until cancelled, then waits for the requests under way.</summary>
    /// <param name="mayAsk">Whether this instance is the one that polls, asked before every request.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    public async Task RunAsync(Func<bool> mayAsk, CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.Register(Wake);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (plan, load, changed) = Turn(mayAsk());
            if (load is not null)
                _ = LoadOldPostsAsync(load, cancellationToken);
            if (plan.Request is not null)
            {
                _ = ExchangeAsync(plan.Request, cancellationToken);
                continue;
            }

            timer.Change(SleepUntil(plan.At), Timeout.InfiniteTimeSpan);
            await changed;
        }

        for (var slot = 0; slot < MaxInFlight; slot++)
            await _slots.WaitAsync(CancellationToken.None);
        metrics.Forget();
    }

    /// <summary>Lets the loop look at the planner again: something has changed.</summary>
    public void Wake()
    {
        lock (planner.Gate)
            _changed.TrySetResult();
    }

    public void Dispose() => _slots.Dispose();

    private (Plan Plan, SweepLoad? Load, Task Changed) Turn(bool mayAsk)
    {
        lock (planner.Gate)
        {
            var now = time.GetUtcNow();
            pulse.Beat(now);
            if ((now - _gaugesAt).Duration() >= GaugeInterval)
            {
                _gaugesAt = now;
                metrics.Observe(planner, _startedAt);
            }

            if (_changed.Task.IsCompleted)
                _changed = NewSignal();
            if (!mayAsk)
                return (new Plan(null, now + pulse.StandbyCheck), null, _changed.Task);
            var load = planner.OldPosts.TakeLoad(now);
            if (!_slots.Wait(0, CancellationToken.None))
                return (new Plan(null, DateTimeOffset.MaxValue), load, _changed.Task);
            var plan = planner.Next();
            if (plan.Request is null)
                _slots.Release();
            return (plan, load, _changed.Task);
        }
    }

    private TimeSpan SleepUntil(DateTimeOffset at)
    {
        var sleep = at - time.GetUtcNow();
        // Timers cut fractions of a millisecond off: without rounding up the loop would wake too early and spin.
        return sleep > LongestSleep ? LongestSleep : TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(sleep.TotalMilliseconds)));
    }

    // Whatever happens in here, the slot is given back.
    private async Task ExchangeAsync(PlannedRequest request, CancellationToken cancellationToken)
    {
        // The loop's own context would otherwise make every span a child of whatever started the loop.
        Activity.Current = null;
        try
        {
            await exchange.RunAsync(request, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            _slots.Release();
            Wake();
        }
    }

    private async Task LoadOldPostsAsync(SweepLoad load, CancellationToken cancellationToken)
    {
        try
        {
            var (posts, reached) = await oldPosts(load, cancellationToken);
            lock (planner.Gate)
                planner.OldPosts.Offer(posts, reached);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogNotLoaded(exception.Message);
            // Not at once: whatever keeps the database from answering needs its time.
            await Task.Delay(GaugeInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (planner.Gate)
                planner.OldPosts.Withdraw();
        }
        finally
        {
            Wake();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Warning, "Old posts cannot be read for the sweep ({Reason})")]
    private partial void LogNotLoaded(string reason);
}
