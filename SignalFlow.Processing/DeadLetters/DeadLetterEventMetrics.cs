using System.Diagnostics.Metrics;
using SignalFlow.Storage;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Processing.DeadLetters;

/// <summary>
/// How many dead letters are stored, by state: those of the whole database, whichever replica is asked. Who asks gets the figures that the
/// last question, at least 15 seconds ago, has set off.
/// </summary>
internal sealed class DeadLetterEventMetrics
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly DeadLetterStore _store;
    private readonly TimeProvider _time;
    private IReadOnlyDictionary<string, long> _counts = new Dictionary<string, long>();
    private readonly Counter<long> _refused;
    private readonly Counter<long> _replays;
    private long _due;

    public DeadLetterEventMetrics(IMeterFactory meters, DeadLetterStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
        _due = time.GetTimestamp();
        var meter = meters.Create(ProcessingMetrics.MeterName);
        meter.CreateObservableGauge("signalflow_dlq_events", Observe, description: "Rows of dlq_events, by state.");
        _refused = meter.CreateCounter<long>("signalflow_dlq_events_refused", description: "Dead letters that PostgreSQL refused, too.");
        _replays = meter.CreateCounter<long>("signalflow_dlq_replay_outcomes", description: "Replays of dead letters that have ended, by outcome.");
        // Rates need a first value to rise from.
        _refused.Add(0);
        foreach (var outcome in (string[])[DeadLetterStates.Resolved, DeadLetterStates.FailedAgain, DeadLetterStates.Parked])
            ReplayEnded(outcome, 0);
    }

    public void Refused() => _refused.Add(1);

    /// <param name="outcome">The state of the letter after it.</param>
    /// <param name="count">So many.</param>
    public void ReplayEnded(string outcome, int count) => _replays.Add(count, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<long>> Observe()
    {
        var now = _time.GetTimestamp();
        var due = Volatile.Read(ref _due);
        // A scrape must not wait for the database.
        if (now >= due && Interlocked.CompareExchange(ref _due, now + (long)(Interval.TotalSeconds * _time.TimestampFrequency), due) == due)
            _ = RefreshAsync();
        return Volatile.Read(ref _counts).Select(count => new Measurement<long>(count.Value, new KeyValuePair<string, object?>("state", count.Key)));
    }

    private async Task RefreshAsync()
    {
        try
        {
            var counts = await _store.CountByStateAsync(CancellationToken.None);
            // A state that nobody is in is 0: a gauge that goes away would stay at its last value for a while.
            Volatile.Write(ref _counts, DeadLetterStates.All.ToDictionary(state => state, state => counts.GetValueOrDefault(state)));
        }
        catch (Exception exception) when (exception.IsOfDatabase() || exception is ObjectDisposedException)
        {
            // The gauge keeps its last values; the health check tells that the database is away.
        }
    }
}
