using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion;

internal sealed class IngestionMetrics
{
    public const string MeterName = "SignalFlow.Ingestion";

    // Of what alerts count; the others appear with their first request.
    private static readonly string[] AlertedOutcomes = ["ok", "unauthorized", "forbidden", "blocked"];

    private readonly TimeProvider _time;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestSeconds;
    private readonly Gauge<double> _rateLimitRemaining;
    private readonly Gauge<double> _rateLimitReset;
    private readonly Counter<long> _noToken;
    private readonly Counter<long> _observations;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _swept;
    private readonly Gauge<int> _tracked;
    private readonly Gauge<int> _overdue;
    private readonly Counter<long> _gaps;
    private readonly Histogram<double> _discovery;
    private readonly Histogram<double> _pollDelay;
    private readonly Gauge<double> _stretch;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _newestPosts = new();
    private DateTimeOffset? _sweptSince;

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
        _noToken = meter.CreateCounter<long>(
            "signalflow_ingest_no_token_total", description: "Requests that were not sent because no OAuth token could be had.");
        _observations = meter.CreateCounter<long>(
            "signalflow_ingest_observations_total", description: "Observations that Kafka has confirmed.");
        _malformed = meter.CreateCounter<long>(
            "signalflow_ingest_malformed_posts_total", description: "Posts left out of an answer because something essential was missing.");
        _removed = meter.CreateCounter<long>(
            "signalflow_ingest_removed_posts_total", description: "Posts that Reddit has removed, told by an answer or by absence.");
        _swept = meter.CreateCounter<long>(
            "signalflow_ingest_swept_posts_total", description: "Posts too old to be refreshed that were looked at for deletion.");
        _tracked = meter.CreateGauge<int>("signalflow_posts_tracked", description: "Posts that are young enough to be refreshed.");
        _overdue = meter.CreateGauge<int>(
            "signalflow_refresh_overdue", description: "Tracked posts whose refresh is later than its slack allows.");
        _gaps = meter.CreateCounter<long>(
            "signalflow_ingest_gaps_total", description: "Times that a listing ended before it reached a known post.");
        _stretch = meter.CreateGauge<double>(
            "signalflow_refresh_stretch", description: "Longest factor on a refresh interval; 1: the quota is enough for all.");
        _discovery = meter.CreateHistogram(
            "signalflow_ingest_discovery_seconds",
            "s",
            "From a post's creation to the answer that first showed it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [5, 15, 30, 45, 60, 75, 90, 120, 180, 300, 600, 1800] });
        _pollDelay = meter.CreateHistogram(
            "signalflow_ingest_poll_delay_seconds",
            "s",
            "How much later than due a poll began.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] });
        meter.CreateObservableGauge(
            "signalflow_ingest_freshness_seconds", ObserveFreshness, "s", "Age of the newest post seen of a tier's subreddits.");
        meter.CreateObservableGauge(
            "signalflow_sweep_age_seconds", ObserveSweepAge, "s", "Since the last finished sweep of old posts began.");
        // Rates need a first value to rise from.
        foreach (var outcome in AlertedOutcomes)
            _requests.Add(0, new("kind", "poll"), new("outcome", outcome));
        _noToken.Add(0);
        _gaps.Add(0);
    }

    public void RequestEnded(string kind, RedditAnswer answer, TimeSpan duration)
    {
        _requests.Add(1, new("kind", kind), new("outcome", answer.Outcome));
        _requestSeconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        if (answer.RateLimit is { } limit)
        {
            _rateLimitRemaining.Record(limit.Remaining);
            _rateLimitReset.Record(limit.Reset.TotalSeconds);
        }

        if (answer is RedditAnswer.Page { Listing.Malformed: > 0 and var malformed })
            _malformed.Add(malformed);
    }

    public void TokenMissing() => _noToken.Add(1);

    /// <param name="tier">Of the subreddits.</param>
    /// <param name="delay">Null for a later page of the same round.</param>
    public void Polled(string tier, TimeSpan? delay)
    {
        if (delay is { } late)
            _pollDelay.Record(late.TotalSeconds, new KeyValuePair<string, object?>("tier", tier));
    }

    public void Discovered(string tier, TimeSpan after) =>
        _discovery.Record(after.TotalSeconds, new KeyValuePair<string, object?>("tier", tier));

    public void Published(string topic, int observations) =>
        _observations.Add(observations, new KeyValuePair<string, object?>("topic", topic));

    public void GapFound() => _gaps.Add(1);

    public void Removed(IEnumerable<PostGone> posts)
    {
        foreach (var (found, count) in posts.CountBy(post => post.Reason == PostRemoval.Absent ? "absence" : "answer"))
            _removed.Add(count, new KeyValuePair<string, object?>("found", found));
    }

    public void Swept(int posts) => _swept.Add(posts);

    /// <summary>Takes the state of the planner, once in a while.</summary>
    /// <param name="planner">The caller holds its gate.</param>
    /// <param name="startedAt">When this run began.</param>
    public void Observe(RequestPlanner planner, DateTimeOffset startedAt)
    {
        _tracked.Record(planner.Tracked);
        _overdue.Record(planner.CountOverdue());
        _stretch.Record(planner.Stretch);
        _sweptSince = planner.OldPosts.Progress.CoveredAt ?? startedAt;
        foreach (var tier in planner.Subreddits.GroupBy(subreddit => subreddit.Config.Priority))
        {
            if (tier.Max(subreddit => subreddit.NewestPostAt) is { } newest)
                _newestPosts[tier.Key] = newest;
        }
    }

    /// <summary>This instance polls no more. Another may, and the ages of what this one saw last would only grow.</summary>
    public void Forget()
    {
        _sweptSince = null;
        _newestPosts.Clear();
    }

    private IEnumerable<Measurement<double>> ObserveFreshness()
    {
        var now = _time.GetUtcNow();
        foreach (var (tier, at) in _newestPosts)
            yield return new Measurement<double>((now - at).TotalSeconds, new KeyValuePair<string, object?>("tier", tier));
    }

    private IEnumerable<Measurement<double>> ObserveSweepAge() =>
        _sweptSince is { } since ? [new Measurement<double>((_time.GetUtcNow() - since).TotalSeconds)] : [];
}
