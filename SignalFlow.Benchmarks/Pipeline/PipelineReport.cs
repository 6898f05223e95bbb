using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Pipeline;

internal sealed record PipelineRow
{
    public required bool IsRefresh { get; init; }
    public required int BatchSize { get; init; }
    public required int Consumers { get; init; }
    public required PhaseFigures Ours { get; init; }
    public required PhaseFigures Limit { get; init; }

    public double Ratio => Ours.MessagesPerSecond / Limit.MessagesPerSecond;
}

/// <summary>What a run has shown with one consumer, at its fastest batch size and at 50. Its JSON is the last line of the output.</summary>
internal sealed class PipelineReport
{
    private const int SmallBatch = 50;

    private readonly List<PipelineRow> _rows = [];

    public void Add(PipelineRow row) => _rows.Add(row);

    public string ToJson() =>
        JsonSerializer.Serialize(new PathsReport { Raw = Path(false), Refresh = Path(true) }, PipelineJsonContext.Default.PathsReport);

    private PathReport Path(bool refresh)
    {
        var single = _rows.FindAll(row => row.IsRefresh == refresh && row.Consumers == 1);
        var best = single.MaxBy(row => row.Ours.MessagesPerSecond)!;
        var small = single.Find(row => row.BatchSize == SmallBatch)!;
        return new()
        {
            MsgsPerS = Math.Round(best.Ours.MessagesPerSecond),
            LimitPerS = Math.Round(best.Limit.MessagesPerSecond),
            Ratio = Math.Round(best.Ratio, 3),
            FlushP99MsBatch50 = Math.Round(small.Ours.Flushes.P99, 2),
            CpuUsPerMsg = Math.Round(best.Ours.CpuPerMessage, 1),
            PeakRssMb = Math.Round(single.Max(row => row.Ours.PeakRss) / 1e6),
            BatchSize = best.BatchSize,
            MsgsPerSBatch50 = Math.Round(small.Ours.MessagesPerSecond),
            LimitPerSBatch50 = Math.Round(small.Limit.MessagesPerSecond),
            RatioBatch50 = Math.Round(small.Ratio, 3),
            LimitFlushP99MsBatch50 = Math.Round(small.Limit.Flushes.P99, 2),
            AllocatedBytesPerMsg = Math.Round(best.Ours.AllocatedPerMessage),
        };
    }
}

internal sealed record PathsReport
{
    public required PathReport Raw { get; init; }
    public required PathReport Refresh { get; init; }
}

internal sealed record PathReport
{
    public required double MsgsPerS { get; init; }
    public required double LimitPerS { get; init; }
    public required double Ratio { get; init; }

    [JsonPropertyName("flush_p99_ms_batch50")]
    public required double FlushP99MsBatch50 { get; init; }

    public required double CpuUsPerMsg { get; init; }
    public required double PeakRssMb { get; init; }
    public required int BatchSize { get; init; }

    [JsonPropertyName("msgs_per_s_batch50")]
    public required double MsgsPerSBatch50 { get; init; }

    [JsonPropertyName("limit_per_s_batch50")]
    public required double LimitPerSBatch50 { get; init; }

    [JsonPropertyName("ratio_batch50")]
    public required double RatioBatch50 { get; init; }

    [JsonPropertyName("limit_flush_p99_ms_batch50")]
    public required double LimitFlushP99MsBatch50 { get; init; }

    public required double AllocatedBytesPerMsg { get; init; }
}

[JsonSerializable(typeof(PathsReport))]
[JsonSerializable(typeof(LimitRequest))]
[JsonSerializable(typeof(PhaseFigures))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class PipelineJsonContext : JsonSerializerContext;
