using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>What is left after all the kills. Its JSON is the last line of the output.</summary>
internal sealed record CrashReport
{
    public required int Kills { get; init; }
    public required int Messages { get; init; }
    public required int Consumers { get; init; }
    public required int Seed { get; init; }
    public required int Posts { get; init; }
    public required int PostsExpected { get; init; }
    public required int History { get; init; }
    public required int HistoryExpected { get; init; }
    public required int Features { get; init; }
    public required int Poison { get; init; }

    /// <summary>Records of the dead-letter topic: a letter may be sent again.</summary>
    public required int Letters { get; init; }

    public int Differences => Differing.Count;

    /// <summary>Poison that is not in the topic, and rows of <c>dlq_events</c> too few or too many.</summary>
    public required int DlqMissing { get; init; }

    /// <summary>Letters about records that are no poison.</summary>
    public required int DlqUnexpected { get; init; }

    /// <summary>Records that the broker has dropped; the run is worth nothing if there are any.</summary>
    public required long Evicted { get; init; }

    public required int KillsInTransaction { get; init; }

    /// <summary>Processes that were gone before they were killed.</summary>
    public required int EndedByThemselves { get; init; }

    public required double Seconds { get; init; }

    /// <summary>One text for each row that differs.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Differing { get; init; } = [];

    [JsonIgnore]
    public bool IsClean => Differences == 0 && DlqMissing == 0 && DlqUnexpected == 0 && Evicted == 0 && EndedByThemselves == 0
        && Posts == PostsExpected && History == HistoryExpected;

    public string ToJson() => JsonSerializer.Serialize(this, CrashJsonContext.Default.CrashReport);
}

[JsonSerializable(typeof(CrashReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class CrashJsonContext : JsonSerializerContext;
