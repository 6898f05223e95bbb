using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Pressure;

/// <summary>What a scenario has done to the services.</summary>
internal sealed record PressureReport
{
    public required string Scenario { get; init; }

    /// <summary>Records that the brokers have confirmed, those of ingestion among them.</summary>
    public required int Records { get; init; }

    /// <summary>Records that nobody had committed, at most.</summary>
    public required long LagMost { get; init; }

    /// <summary>From the end of the pressure, or the start of the services, until nothing waits.</summary>
    [JsonPropertyName("catch_up_s")]
    public required double CatchUp { get; init; }

    /// <summary>Of each process, with nothing to do and at most.</summary>
    [JsonPropertyName("rss_before_mb")]
    public required IReadOnlyDictionary<string, long> MemoryBefore { get; init; }

    [JsonPropertyName("rss_peak_mb")]
    public required IReadOnlyDictionary<string, long> MemoryPeak { get; init; }

    /// <summary>Messages that the live client was sent.</summary>
    public required int LiveUpdates { get; init; }

    /// <summary>Times that consumers were given partitions after they had their first.</summary>
    public required double Rebalances { get; init; }

    public required int Lost { get; init; }
    public required int Doubled { get; init; }
    public required int Wrong { get; init; }

    /// <summary>Dropped by the embedded brokers for want of room; then the scenario is worth nothing.</summary>
    public required long Evicted { get; init; }

    [JsonIgnore]
    public bool IsClean => Lost == 0 && Doubled == 0 && Wrong == 0 && Evicted == 0 && LiveUpdates > 0;

    public string ToJson() => JsonSerializer.Serialize(this, PressureJsonContext.Default.PressureReport);
}

[JsonSerializable(typeof(List<PressureReport>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class PressureJsonContext : JsonSerializerContext;
