using System.Globalization;
using System.Net;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

internal enum PartState
{
    Ok,

    /// <summary>It works, and something holds it up.</summary>
    Slow,
    Away,

    /// <summary>Nothing is known of it, perhaps because whoever would tell is away.</summary>
    Unknown,
}

/// <summary>A part of the pipeline.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Sign">What the state is known by.</param>
/// <param name="Flow">What it passes on to the next part; null: that is not known, or it is the last one.</param>
/// <param name="Delay">How far the next part is behind; null: not known.</param>
public sealed record PipelinePart(string Name, string Sign, string? Flow = null, string? Delay = null)
{
    internal PartState State { get; init; }
}

/// <summary>What is known of the parts, as it was asked for last.</summary>
internal sealed record PipelineSigns
{
    public PipelineView? Pipeline { get; init; }
    public IngestionView? Ingestion { get; init; }
    public StorageView? Storage { get; init; }
    public Exception? StorageFailure { get; init; }
    public Exception? ApiFailure { get; init; }
    public TimeSpan ApiTook { get; init; }
    public required LiveConnectionStatus Live { get; init; }
    public DateTimeOffset? LastUpdateAt { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Nobody has answered, or somebody between us has said that; an answer that is a refusal is one.</summary>
    public bool IsApiAway => ApiFailure is not null and not ApiException
        or ApiException { StatusCode: HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout };
}

/// <summary>From Reddit to the browser, each part by its own signs of life.</summary>
internal static class PipelineParts
{
    /// <summary>Three heartbeats of ingestion are missing then.</summary>
    public static readonly TimeSpan IngestionSilence = TimeSpan.FromMinutes(1);

    // The objectives of docs/operations.md.
    private const double SlowLagSeconds = 60;
    private const double SlowFlushMs = 250;

    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<PipelinePart> Of(PipelineSigns signs)
    {
        PipelinePart[] behindTheApi = [Reddit(signs), Ingestion(signs), Kafka(signs), Processing(signs), Database(signs)];
        if (signs.IsApiAway)
        {
            for (var index = 0; index < behindTheApi.Length; index++)
                behindTheApi[index] = new(behindTheApi[index].Name, "not known while the API is away") { State = PartState.Unknown };
        }

        return [.. behindTheApi, Api(signs), Live(signs), new("You", "this page") { State = signs.IsApiAway ? PartState.Slow : PartState.Ok }];
    }

    private static PipelinePart Reddit(PipelineSigns signs)
    {
        var shards = Speaking(signs);
        var part = new PipelinePart("Reddit", "nobody asks it", shards.Exists(shard => shard.RequestsLastMinute is not null)
            ? $"{Figures.Exact(shards.Sum(shard => shard.RequestsLastMinute ?? 0))} requests/min"
            : null);
        if (shards.Count == 0)
            return part with { State = PartState.Unknown };
        if (shards.Max(shard => shard.PausedUntil) is { } until && until > signs.Now)
            return part with { State = PartState.Slow, Sign = $"asks for a pause of {Ages.Relative(until - signs.Now)}" };
        return part with { State = PartState.Ok, Sign = shards.Exists(shard => shard.RatelimitRemaining is not null) ? "answers" : "has not answered yet" };
    }

    private static PipelinePart Ingestion(PipelineSigns signs)
    {
        var part = new PipelinePart("Ingestion", "", Rate(signs, partition => partition.RecordsPerSecond, "record"));
        if (signs.Ingestion is not { } ingestion)
            return part with { State = PartState.Unknown, Sign = "not known" };
        var silent = ingestion.Shards.Count - Speaking(signs).Count;
        return ingestion.Shards.Count == 0 ? part with { State = PartState.Away, Sign = "has not reported yet" }
            : silent == ingestion.Shards.Count
                ? part with
                {
                    State = PartState.Away,
                    Sign = $"silent for {Ages.Relative(TimeSpan.FromSeconds(ingestion.Shards.Min(shard => shard.HeartbeatAgeSeconds)))}",
                }
            : silent > 0 ? part with { State = PartState.Slow, Sign = $"{silent} of {ingestion.Shards.Count} shards silent" }
            : ingestion.Shards.Max(shard => shard.RefreshStretch) is > 1 and var stretch
                ? part with { State = PartState.Ok, Sign = string.Create(CultureInfo.InvariantCulture, $"refreshes stretched {stretch:0.0} times") }
            : part with { State = PartState.Ok, Sign = ingestion.Shards.Count == 1 ? "polls" : $"{ingestion.Shards.Count} shards poll" };
    }

    private static PipelinePart Kafka(PipelineSigns signs)
    {
        var part = new PipelinePart(
            "Kafka", "not known", Rate(signs, partition => partition.RecordsPerSecond, "record"),
            signs.Pipeline?.Totals.TimeLagSeconds is { } lag ? $"{Span(lag)} behind" : null);
        return signs.Pipeline?.Totals switch
        {
            null or { Partitions: 0 } => part with { State = PartState.Unknown },
            { Unassigned: > 0 and var unassigned } totals when unassigned == totals.Partitions =>
                part with { State = PartState.Unknown, Sign = "nobody reads it" },
            { Unassigned: > 0 and var unassigned } => part with { State = PartState.Slow, Sign = $"{unassigned} partitions without reader" },
            var totals => part with { State = PartState.Ok, Sign = $"{totals.Partitions} partitions read" },
        };
    }

    private static PipelinePart Processing(PipelineSigns signs)
    {
        var working = signs.Pipeline?.Instances.Where(instance => instance.State is "running" or "paused").ToList() ?? [];
        var part = new PipelinePart("Processing", "not known", Rate(signs, partition => partition.PostsPerSecond, "post"), Flush(working));
        if (signs.Pipeline is not { } pipeline)
            return part with { State = PartState.Unknown };
        var silent = pipeline.Instances.Count(instance => instance.State == "silent");
        if (working.Count == 0)
            return part with { State = PartState.Away, Sign = pipeline.Instances.Count == 0 ? "has not reported yet" : silent > 0 ? "silent" : "stopped" };
        if (working.Exists(instance => instance.State == "paused"))
            return part with { State = PartState.Slow, Sign = "waits for the database" };
        if (pipeline.Totals.TimeLagSeconds > SlowLagSeconds)
            return part with { State = PartState.Slow, Sign = $"{Span(pipeline.Totals.TimeLagSeconds.Value)} behind" };
        if (silent > 0)
            return part with { State = PartState.Slow, Sign = $"{silent} of {working.Count + silent} silent" };
        return working.Max(instance => instance.FlushP95Ms) > SlowFlushMs
            ? part with { State = PartState.Slow, Sign = "batches take long" }
            : part with { State = PartState.Ok, Sign = working.Count == 1 ? "works" : $"{working.Count} instances work" };
    }

    private static PipelinePart Database(PipelineSigns signs) => signs switch
    {
        { StorageFailure: not null } => new("PostgreSQL", "does not answer") { State = PartState.Away },
        { Storage: { } storage } => new("PostgreSQL", Figures.Bytes(storage.DatabaseBytes)) { State = PartState.Ok },
        _ => new("PostgreSQL", "not known") { State = PartState.Unknown },
    };

    private static PipelinePart Api(PipelineSigns signs) => signs switch
    {
        { IsApiAway: true } => new("API", "does not answer") { State = PartState.Away },
        { ApiFailure: not null } => new("API", "answers with errors") { State = PartState.Slow },
        { Pipeline: null } => new("API", "not asked yet") { State = PartState.Unknown },
        { ApiTook: var took } => new("API", string.Create(CultureInfo.InvariantCulture, $"answers in {Math.Max(1, took.TotalMilliseconds):0} ms"))
        {
            State = took > SlowAnswer ? PartState.Slow : PartState.Ok,
        },
    };

    private static PipelinePart Live(PipelineSigns signs)
    {
        var part = new PipelinePart("Live updates", "", signs.LastUpdateAt is { } at ? $"newest {Ages.Relative(signs.Now - at)} old" : null);
        return signs.Live.State switch
        {
            LiveState.Live => part with { State = PartState.Ok, Sign = "connected" },
            LiveState.Offline => part with { State = PartState.Away, Sign = "no connection" },
            LiveState.Reconnecting => part with { State = PartState.Slow, Sign = "reconnecting" },
            _ => part with { State = PartState.Unknown, Sign = "connecting" },
        };
    }

    private static List<IngestionShardView> Speaking(PipelineSigns signs) =>
        [.. signs.Ingestion?.Shards.Where(shard => shard.HeartbeatAgeSeconds <= IngestionSilence.TotalSeconds) ?? []];

    private static string? Rate(PipelineSigns signs, Func<PipelinePartitionView, double> rate, string noun) =>
        signs.Pipeline is { Totals.Instances: > 0 } pipeline ? Rates.Text(pipeline.Partitions.Sum(rate), noun) : null;

    private static string? Flush(List<PipelineInstanceView> working) =>
        working.Max(instance => instance.FlushP95Ms) is { } slowest ? $"95 % stored in {Rates.Milliseconds(slowest)}" : null;

    private static string Span(double seconds) => Ages.Relative(TimeSpan.FromSeconds(seconds));
}
