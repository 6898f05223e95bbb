using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SignalFlow.Contracts;
using SignalFlow.Processing.Reporting;
using SignalFlow.Processing.Velocity;

namespace SignalFlow.Processing;

/// <summary>Metrics of the pipeline. The names that start with <c>reddit_processor</c> are the original system's.</summary>
internal sealed class ProcessingMetrics
{
    public const string MeterName = "SignalFlow.Processing";

    // Reddit's categories; what it may invent must not become labels.
    private static readonly FrozenSet<string> PurgeReasons = FrozenSet.Create(
        StringComparer.Ordinal, PostRemoval.Deleted, PostRemoval.Absent, "moderator", "author", "reddit", "automod_filtered",
        "anti_evil_ops", "community_ops", "content_takedown", "copyright_takedown");

    private static readonly string[] StageNames = [.. Enum.GetNames<Stage>().Select(name => name.ToLowerInvariant())];

    private readonly Counter<long> _messages;
    private readonly Counter<long> _rebalances;
    private readonly Counter<long> _revivals;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _deadLettersByClass;
    private readonly Counter<long> _stalePosts;
    private readonly Counter<long> _purgedPosts;
    private readonly Histogram<double> _flush;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _stages;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _liveLost;
    private readonly TimeProvider _time;
    private readonly PipelineMonitor _monitor;
    private readonly Histogram<double> _endToEnd;

    public ProcessingMetrics(IMeterFactory meters, VelocityCache cache, PipelineMonitor monitor, TimeProvider time)
    {
        _monitor = monitor;
        _time = time;
        var meter = meters.Create(MeterName);
        _messages = meter.CreateCounter<long>("reddit_processor_messages", description: "Records consumed, by topic.");
        _batches = meter.CreateCounter<long>("reddit_processor_batches", description: "Batches, by outcome (ok, error).");
        _deadLetters = meter.CreateCounter<long>("reddit_processor_dlq_messages", description: "Records sent to the dead-letter topic.");
        _deadLettersByClass = meter.CreateCounter<long>("signalflow_dead_letters", description: "Dead letters, by error class.");
        _stalePosts = meter.CreateCounter<long>("signalflow_stale_velocity_states", description: "Posts whose cached state was behind the table.");
        _purgedPosts = meter.CreateCounter<long>("signalflow_purged_posts", description: "Posts whose content was purged, by reason.");
        _rebalances = meter.CreateCounter<long>("signalflow_consumer_rebalances", description: "Times that a consumer of observations was given partitions.");
        _revivals = meter.CreateCounter<long>(
            "signalflow_consumer_revivals", description: "Times that a consumer assigned its partitions anew because nothing came of one.");
        _flush = meter.CreateHistogram("reddit_processor_batch_flush", "s", "Time to store one batch.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
        _batchSize = meter.CreateHistogram("signalflow_batch_size", description: "Records of a stored batch.", advice: new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
        });
        _stages = meter.CreateHistogram("signalflow_batch_stage", "s", "Time of one stage of a batch.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
        });
        _retries = meter.CreateCounter<long>("signalflow_batch_retries", description: "Attempts that followed a failed one.");
        _liveLost = meter.CreateCounter<long>(
            "signalflow_live_lost", description: "Posts whose update could not be published; viewers are sent to the database for them.");
        _endToEnd = meter.CreateHistogram("signalflow_end_to_end", "s", "From Reddit's answer to the commit.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
        });
        meter.CreateObservableGauge("reddit_processor_velocity_cache_size", () => cache.Size, description: "Entries of the velocity cache.");
        // Rates need a first value to rise from.
        _deadLetters.Add(0);
        _retries.Add(0);
        _rebalances.Add(0);
        _revivals.Add(0);
        _liveLost.Add(0);
        foreach (var status in (string[])["ok", "error"])
            _batches.Add(0, new KeyValuePair<string, object?>("status", status));
    }

    public void Consumed(string topic, int records) =>
        _messages.Add(records, new KeyValuePair<string, object?>("topic", topic == KafkaTopics.Raw ? "raw" : "refresh"));

    public void BatchStored(TimeSpan elapsed, int records)
    {
        _batchSize.Record(records);
        _batches.Add(1, new KeyValuePair<string, object?>("status", "ok"));
        _flush.Record(elapsed.TotalSeconds);
        _monitor.BatchStored(elapsed);
    }

    /// <summary>What one stage of a batch took that began at <paramref name="started"/>.</summary>
    /// <returns>Now, when the next one begins.</returns>
    public long Stage(Stage stage, long started)
    {
        var now = _time.GetTimestamp();
        _stages.Record(
            _time.GetElapsedTime(started, now).TotalSeconds, new KeyValuePair<string, object?>("stage", StageNames[(int)stage]));
        return now;
    }

    public void LiveLost(int posts) => _liveLost.Add(posts);

    public void Rebalanced() => _rebalances.Add(1);

    public void Revived() => _revivals.Add(1);

    /// <summary>A batch that was not stored is tried again.</summary>
    public void Retried() => _retries.Add(1);

    public void BatchFailed() => _batches.Add(1, new KeyValuePair<string, object?>("status", "error"));

    public void DeadLettered(string errorClass)
    {
        _deadLetters.Add(1);
        _monitor.DeadLettered();
        _deadLettersByClass.Add(1, new KeyValuePair<string, object?>("class", errorClass));
    }

    public void StalePosts(int posts) => _stalePosts.Add(posts);

    public void Purged(string reason) =>
        _purgedPosts.Add(1, new KeyValuePair<string, object?>("reason", PurgeReasons.Contains(reason) ? reason : "other"));

    public void EndToEnd(TimeSpan elapsed) => _endToEnd.Record(elapsed.TotalSeconds);

    public static readonly ActivitySource Activities = new(MeterName);
}

/// <summary>What is done to a batch, one after the other; the label of a metric.</summary>
internal enum Stage
{
    Decode,
    State,
    Analyse,
    Write,
    Publish,
}
