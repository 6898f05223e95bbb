using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>What a run has shown. Its JSON is the last line of the output.</summary>
internal sealed record StorageReport
{
    public required IReadOnlyList<QueryFigures> Queries { get; init; }
    public required WriteFigures Writes { get; init; }
    public required SizeFigures Size { get; init; }
    public required RetentionFigures Retention { get; init; }

    /// <summary>What is not a query.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"""

        writer, batches of 500: {Writes.Rate:N0} posts/s, P50 {Writes.Batches.P50:N1} ms, P99 {Writes.Batches.P99:N1} ms
        by hand:                {Writes.LimitRate:N0} posts/s, P50 {Writes.LimitBatches.P50:N1} ms, P99 {Writes.LimitBatches.P99:N1} ms; ratio {Writes.Ratio:N3}
        history: {Size.BytesPerRow:N1} bytes per row{(Size.BytesPerRowCompressed is { } bytes ? $", {bytes:N1} compressed" : "")}
        retention: a day goes in {Retention.DropSeconds * 1e3:N0} ms; batches of 100: P50 {Retention.Normal.P50:N1} ms, P99 {Retention.Normal.P99:N1} ms;
        the {Retention.Batches} that met it: P50 {Retention.During.P50:N1} ms, P99 {Retention.During.P99:N1} ms; ratio {Retention.P99Ratio:N2}
        """);

    public string ToJson() => JsonSerializer.Serialize(
        new ReportJson
        {
            Queries = Queries.ToDictionary(
                query => query.Name, query => new QueryJson(Rounded(query.Api.P50), Rounded(query.Api.P95), Rounded(query.Limit.P50))),
            WriteRatio = Math.Round(Writes.Ratio, 3),
            HistoryBytesPerRow = Rounded(Size.BytesPerRow),
            HistoryBytesPerRowCompressed = Size.BytesPerRowCompressed is { } bytes ? Rounded(bytes) : null,
            RetentionP99Ratio = Rounded(Retention.P99Ratio),
        },
        StorageJsonContext.Default.ReportJson);

    private static double Rounded(double value) => Math.Round(value, 2);
}

internal sealed record ReportJson
{
    public required Dictionary<string, QueryJson> Queries { get; init; }
    public required double WriteRatio { get; init; }
    public required double HistoryBytesPerRow { get; init; }
    public required double? HistoryBytesPerRowCompressed { get; init; }

    [JsonPropertyName("retention_p99_ratio")]
    public required double RetentionP99Ratio { get; init; }
}

internal sealed record QueryJson(
    [property: JsonPropertyName("p50_ms")] double P50,
    [property: JsonPropertyName("p95_ms")] double P95,
    [property: JsonPropertyName("limit_p50_ms")] double LimitP50);

[JsonSerializable(typeof(ReportJson))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class StorageJsonContext : JsonSerializerContext;
