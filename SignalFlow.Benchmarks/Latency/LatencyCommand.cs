using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Latency;

/// <summary>
/// The verb <c>latency</c>: how long after its delivery to Kafka a post reaches a live client, and the REST API serves it, at the rate of the
/// original system's busiest minutes. The last line is one JSON object.
/// </summary>
internal static class LatencyCommand
{
    public const string Verb = "latency";

    public static Task<int> RunAsync(string[] args)
    {
        var rate = new Option<int>("--rate") { Description = "Messages a second.", DefaultValueFactory = _ => 25 };
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 60 };
        rate.Validators.Add(result => Require(result.GetValueOrDefault<int>() is >= 1 and <= 1_000, "--rate must be between 1 and 1000.", result.AddError));
        seconds.Validators.Add(result => Require(result.GetValueOrDefault<int>() is >= 1 and <= 600, "--seconds must be between 1 and 600.", result.AddError));
        var command = new RootCommand("Time from Kafka to live clients and to the REST API.") { rate, seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await new LatencyRun(parsed.GetValue(rate), parsed.GetValue(seconds)).RunAsync(cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(report, LatencyJsonContext.Default.LatencyReport));
        });
        return command.Parse(args).InvokeAsync();
    }

    private static void Require(bool isValid, string message, Action<string> addError)
    {
        if (!isValid)
            addError(message);
    }
}

/// <summary>Milliseconds since the broker acknowledged the message.</summary>
internal sealed record LatencyReport
{
    public required int Messages { get; init; }
    public required int RatePerS { get; init; }

    [JsonPropertyName("live_p50_ms")]
    public required double LiveP50 { get; init; }

    [JsonPropertyName("live_p99_ms")]
    public required double LiveP99 { get; init; }

    [JsonPropertyName("live_max_ms")]
    public required double LiveMax { get; init; }

    [JsonPropertyName("api_p50_ms")]
    public required double ApiP50 { get; init; }

    [JsonPropertyName("api_p99_ms")]
    public required double ApiP99 { get; init; }
}

[JsonSerializable(typeof(LatencyReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class LatencyJsonContext : JsonSerializerContext;
