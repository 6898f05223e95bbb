using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion;

internal sealed class IngestionMetrics
{
    public const string MeterName = "SignalFlow.Ingestion";

    private readonly TimeProvider _time;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestSeconds;
    private readonly Gauge<double> _rateLimitRemaining;
    private readonly Gauge<double> _rateLimitReset;
    private readonly Counter<long> _observations;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _missing;
    private readonly Gauge<int> _tracked;
    private readonly Gauge<int> _overdue;
    private readonly Counter<long> _gaps;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _newestPolls = new();

    public IngestionMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("signalflow_ingest_requests_total", description: "Requests to Reddit's API.");
        _requestSeconds = meter.CreateHistogram(
            "signalflow_ingest_request_seconds",
            "s",
            "From sending a request to the end of its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15] });
        _rateLimitRemaining = meter.CreateGauge<double>(
            "signalflow_reddit_ratelimit_remaining", description: "Requests left in Reddit's window, as its last answer said.");
        _rateLimitReset = meter.CreateGauge<double>(
            "signalflow_reddit_ratelimit_reset_seconds", "s", "Until Reddit's window ends, as its last answer said.");
        _observations = meter.CreateCounter<long>(
            "signalflow_ingest_observations_total", description: "Observations that Kafka has confirmed.");
        _malformed = meter.CreateCounter<long>(
            "signalflow_ingest_malformed_posts_total", description: "Posts left out of an answer because something essential was missing.");
        _missing = meter.CreateCounter<long>(
            "signalflow_ingest_missing_posts_total", description: "Posts that Reddit no longer returned and that are not refreshed any more.");
        _tracked = meter.CreateGauge<int>("signalflow_posts_tracked", description: "Posts that are young enough to be refreshed.");
        _overdue = meter.CreateGauge<int>(
            "signalflow_refresh_overdue", description: "Tracked posts whose refresh is later than its slack allows.");
        _gaps = meter.CreateCounter<long>(
            "signalflow_ingest_gaps_total", description: "Times that a listing ended before it reached a known post.");
        meter.CreateObservableGauge(
            "signalflow_ingest_freshness_seconds", ObserveFreshness, "s", "Age of the newest successful poll of a tier.");
    }

    public void RequestEnded(string endpoint, RedditAnswer answer, TimeSpan duration)
    {
        _requests.Add(1, new("endpoint", endpoint), new("outcome", answer.Outcome));
        _requestSeconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint));
        if (answer.RateLimit is { } limit)
        {
            _rateLimitRemaining.Record(limit.Remaining);
            _rateLimitReset.Record(limit.Reset.TotalSeconds);
        }

        if (answer is RedditAnswer.Page { Listing.Malformed: > 0 and var malformed })
            _malformed.Add(malformed);
    }

    public void Polled(string tier, DateTimeOffset at) => _newestPolls[tier] = at;

    public void Published(string topic, int observations) =>
        _observations.Add(observations, new KeyValuePair<string, object?>("topic", topic));

    public void GapFound() => _gaps.Add(1);

    public void PostsVanished(int posts) => _missing.Add(posts);

    public void Tracking(int posts, int overdue)
    {
        _tracked.Record(posts);
        _overdue.Record(overdue);
    }

    private IEnumerable<Measurement<double>> ObserveFreshness()
    {
        var now = _time.GetUtcNow();
        foreach (var (tier, at) in _newestPolls)
            yield return new Measurement<double>((now - at).TotalSeconds, new KeyValuePair<string, object?>("tier", tier));
    }
}
