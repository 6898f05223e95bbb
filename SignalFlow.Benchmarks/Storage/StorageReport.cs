using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>What a run has shown. Its JSON is the last line of the output.</summary>
internal sealed record StorageReport
{
    public required IReadOnlyList<QueryFigures> Queries { get; init; }

    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"query",-36} {"n",4} {"p50 ms",9} {"p95 ms",9} {"bar",6} {"by hand",9} {"",7}");
        foreach (var query in Queries)
        {
            var missed = query.Bar is { } bar && query.Api.P95 > bar ? "MISSED" : "";
            var other = query.Agrees ? "" : "other rows";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{query.Name,-36} {query.Requests,4} {query.Api.P50,9:N2} {query.Api.P95,9:N2} {query.Bar,6} {query.Limit.P50,9:N2} {missed,7} {other}"));
        }
    }

    public string ToJson() => JsonSerializer.Serialize(
        new ReportJson { Queries = Queries.ToDictionary(query => query.Name, query => new QueryJson(Rounded(query.Api.P50), Rounded(query.Api.P95), Rounded(query.Limit.P50))) },
        StorageJsonContext.Default.ReportJson);

    private static double Rounded(double value) => Math.Round(value, 2);
}

internal sealed record ReportJson
{
    public required Dictionary<string, QueryJson> Queries { get; init; }
}

internal sealed record QueryJson(
    [property: JsonPropertyName("p50_ms")] double P50, [property: JsonPropertyName("p95_ms")] double P95, [property: JsonPropertyName("limit_p50_ms")] double LimitP50);

[JsonSerializable(typeof(ReportJson))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class StorageJsonContext : JsonSerializerContext;
