using System.Diagnostics.Metrics;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>
/// Runs of the jobs by this process, and figures of the whole database, which every process tells that keeps the storage. A job is the label
/// <c>task</c>: what Prometheus calls <c>job</c> is a service.
/// </summary>
internal sealed class StorageMetrics
{
    public const string Success = "success";
    public const string Failure = "failure";

    private readonly Counter<long> _runs;
    private readonly Histogram<double> _duration;
    private StorageSample _sample = StorageSample.Empty;

    public StorageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(StorageExtensions.MeterName);
        _runs = meter.CreateCounter<long>("signalflow_storage_job_runs", description: "Runs of the jobs that keep the storage, by job and outcome.");
        _duration = meter.CreateHistogram(
            "signalflow_storage_job_duration", unit: "s", description: "How long a run takes.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });
        meter.CreateObservableGauge(
            "signalflow_storage_job_last_success_timestamp",
            () => Volatile.Read(ref _sample).LastSuccess.Select(job => new Measurement<double>(job.Value, new KeyValuePair<string, object?>("task", job.Key))),
            "s",
            "When a job last succeeded in any process, as a Unix time; 0: never.");
        meter.CreateObservableGauge(
            "signalflow_storage",
            () => Volatile.Read(ref _sample).Bytes.Select(size => new Measurement<long>(size.Value, new KeyValuePair<string, object?>("relation", size.Key))),
            "By",
            "Size of the database with indexes, by relation.");
    }

    /// <summary>Rates need a first value to rise from.</summary>
    public void Expect(IEnumerable<string> jobs)
    {
        foreach (var job in jobs)
        {
            _runs.Add(0, new("task", job), new("outcome", Success));
            _runs.Add(0, new("task", job), new("outcome", Failure));
        }
    }

    public void JobEnded(string job, string outcome, TimeSpan duration)
    {
        _runs.Add(1, new("task", job), new("outcome", outcome));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("task", job));
    }

    public void Sampled(StorageSample sample) => Volatile.Write(ref _sample, sample);
}

/// <param name="Bytes">By relation; what is not worth a name of its own is <c>other</c>.</param>
/// <param name="LastSuccess">Unix seconds by job; 0: never.</param>
internal sealed record StorageSample(IReadOnlyDictionary<string, long> Bytes, IReadOnlyDictionary<string, double> LastSuccess)
{
    public static StorageSample Empty { get; } = new(new Dictionary<string, long>(), new Dictionary<string, double>());
}
