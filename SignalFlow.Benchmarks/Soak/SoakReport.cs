using System.Text.Json;
using System.Text.Json.Serialization;
using SignalFlow.Benchmarks.Chaos;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>What hours under load have done to the services. Its JSON is the last line of the output.</summary>
internal sealed record SoakReport
{
    public required double Minutes { get; init; }
    public required int Rate { get; init; }
    public required int Sent { get; init; }

    /// <summary>Sent and not in history, but for what retention has dropped.</summary>
    public required long Missing { get; init; }

    [JsonPropertyName("flush_p99_first_ms")]
    public required double FlushFirst { get; init; }

    [JsonPropertyName("flush_p99_last_ms")]
    public required double FlushLast { get; init; }

    public required double FlushRatio { get; init; }

    /// <summary>Records that nobody had committed, at most and in the end.</summary>
    public required long LagMost { get; init; }

    public required long LagEnd { get; init; }
    public required int EndedByThemselves { get; init; }

    /// <summary>Letters, of which there must be none.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>Of those sent for days that retention drops, how many were stored.</summary>
    public required long OldStored { get; init; }

    /// <summary>Days whose partition is there, and days that were dropped under load.</summary>
    public required int Days { get; init; }

    public required int DaysDropped { get; init; }
    public required IReadOnlyDictionary<string, ProcessTrend> Processes { get; init; }

    /// <summary>
    /// Nothing is missing, retention has dropped what it had to, flushes are not slower than at first, and no process grows but for the world
    /// outside.
    /// </summary>
    [JsonIgnore]
    public bool IsClean => Missing == 0 && DeadLetters == 0 && EndedByThemselves == 0 && LagEnd == 0 && DaysDropped > 0 && FlushRatio <= 1.2
        && Processes.All(process => process.Value.IsLevel || process.Key == ChaosServices.Simulator);

    public string ToJson() => JsonSerializer.Serialize(this, SoakJsonContext.Default.SoakReport);
}

[JsonSerializable(typeof(SoakReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class SoakJsonContext : JsonSerializerContext;
