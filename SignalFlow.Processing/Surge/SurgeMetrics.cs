using System.Diagnostics.Metrics;
using SignalFlow.Contracts;

namespace SignalFlow.Processing.Surge;

/// <summary>How the signals get on. Phases are those of the whole database, as of the last look at it: every replica tells of all posts.</summary>
internal sealed class SurgeMetrics
{
    private readonly Counter<long> _refolds;
    private readonly Counter<long> _baselines;
    private readonly Histogram<double> _baselineDuration;
    private int _tables;
    private IReadOnlyDictionary<string, long> _phases = new Dictionary<string, long>();

    public SurgeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProcessingMetrics.MeterName);
        _refolds = meter.CreateCounter<long>("signalflow_surge_refolds", description: "Posts whose signal was found anew from their history.");
        _baselines = meter.CreateCounter<long>("signalflow_surge_baselines_made", description: "Tables of baselines that this process has made.");
        _baselineDuration = meter.CreateHistogram(
            "signalflow_surge_baseline_duration", "s", "How long making a table of baselines took.", advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
            });
        meter.CreateObservableGauge(
            "signalflow_surge_baselines", () => Volatile.Read(ref _tables), description: "Tables of baselines that this process has in memory.");
        meter.CreateObservableGauge("signalflow_surge_posts", Observe, description: "Posts that rise or have just risen, by phase.");
        _refolds.Add(0);
        _baselines.Add(0);
    }

    public void Refolded(int posts) => _refolds.Add(posts);

    public void BaselinesMade(TimeSpan elapsed)
    {
        _baselines.Add(1);
        _baselineDuration.Record(elapsed.TotalSeconds);
    }

    public void TablesKept(int count) => Volatile.Write(ref _tables, count);

    /// <summary>A phase that nobody is in is 0: a gauge that goes away would stay at its last value for a while.</summary>
    public void Phases(IReadOnlyDictionary<short, long> counts) => Volatile.Write(
        ref _phases, SurgePhaseNames.Rising.ToDictionary(SurgePhaseNames.Of, phase => counts.GetValueOrDefault(phase)));

    private IEnumerable<Measurement<long>> Observe() =>
        Volatile.Read(ref _phases).Select(phase => new Measurement<long>(phase.Value, new KeyValuePair<string, object?>("phase", phase.Key)));
}
