using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>What a campaign has left. Its JSON is the last line of the output.</summary>
internal sealed record ChaosReport
{
    public required int Faults { get; init; }

    /// <summary>Different observations that the brokers have confirmed.</summary>
    public required int Observations { get; init; }

    public required int Lost { get; init; }
    public required int Doubled { get; init; }
    public required int Wrong { get; init; }

    [JsonPropertyName("recovery_p50_s")]
    public required double RecoveryMedian { get; init; }

    [JsonPropertyName("recovery_max_s")]
    public required double RecoveryLongest { get; init; }

    public required int Seed { get; init; }
    public required int Records { get; init; }
    public required int Posts { get; init; }
    public required int Poison { get; init; }

    /// <summary>Processes that have ended though nobody has ended them, and were started again.</summary>
    public required int EndedByThemselves { get; init; }

    /// <summary>Processes that did not end when they were told to, and were killed.</summary>
    public required int ForcedStops { get; init; }

    /// <summary>Faults of which no recovery was seen in time.</summary>
    public required int NotRecovered { get; init; }

    public required int LiveConnections { get; init; }

    /// <summary>How often the live client was told that something was passed over.</summary>
    public required int LiveMissedNotices { get; init; }

    /// <summary>Posts whose last state the live client had to have.</summary>
    public required int LiveCompared { get; init; }

    /// <summary>Records that the embedded brokers have dropped for want of room; then the campaign is worth nothing.</summary>
    public required long Evicted { get; init; }

    public required double Minutes { get; init; }

    /// <summary>Nothing is lost, doubled or wrong, nobody had to help, and enough was compared to say so.</summary>
    [JsonIgnore]
    public bool IsClean => Lost == 0 && Doubled == 0 && Wrong == 0 && NotRecovered == 0 && EndedByThemselves == 0 && ForcedStops == 0 && Evicted == 0
        && LiveCompared > 0;

    /// <summary>It was also back as soon as is promised: half of the times within 5 s, always within 30 s.</summary>
    [JsonIgnore]
    public bool IsSoon => RecoveryMedian <= 5 && RecoveryLongest <= 30;

    public string ToJson() => JsonSerializer.Serialize(this, ChaosJsonContext.Default.ChaosReport);
}

[JsonSerializable(typeof(ChaosReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class ChaosJsonContext : JsonSerializerContext;
