using System.Diagnostics.Metrics;

namespace SignalFlow.Processing.Discovery;

/// <summary>What the process that looks at all posts together has done.</summary>
internal sealed class DiscoveryMetrics
{
    private readonly Counter<long> _buckets;
    private readonly Counter<long> _stories;
    private readonly Counter<long> _hours;
    private readonly Counter<long> _failures;
    private int _leads;
    private double _waits;

    public DiscoveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProcessingMetrics.MeterName);
        _buckets = meter.CreateCounter<long>("signalflow_term_buckets", description: "Buckets of 15 minutes whose terms were looked at.");
        _stories = meter.CreateCounter<long>("signalflow_story_posts", description: "Posts whose story was found.");
        meter.CreateObservableGauge(
            "signalflow_discovery_leads", () => Volatile.Read(ref _leads), description: "1 in the process that looks for terms and stories.");
        meter.CreateObservableGauge(
            "signalflow_discovery_wait", () => Volatile.Read(ref _waits), "s",
            "How long hours have waited for observations that are published and not stored; 0: none do.");
        _hours = meter.CreateCounter<long>(
            "signalflow_hourly_analyses", description: "Hours that were looked at for shifts of sentiment, and for unusual activity.");
        _buckets.Add(0);
        _stories.Add(0);
        _hours.Add(0);
        // Rates need a first value to rise from.
        _failures = meter.CreateCounter<long>("signalflow_discovery_failures", description: "Looks at all posts together that failed, by what they were for.");
        foreach (var what in DiscoveryService.Works)
            Failed(what, 0);
    }

    public void BucketClosed() => _buckets.Add(1);

    public void StoriesFound(int posts) => _stories.Add(posts);

    public void HourClosed() => _hours.Add(1);

    public void Failed(string what, int count = 1) => _failures.Add(count, new KeyValuePair<string, object?>("work", what));

    public void Waits(TimeSpan elapsed) => Volatile.Write(ref _waits, elapsed.TotalSeconds);

    public void IsLeading(bool leads)
    {
        Volatile.Write(ref _leads, leads ? 1 : 0);
        if (!leads)
            Waits(TimeSpan.Zero);
    }
}
