using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Api;

/// <param name="RequestsPerSecond">Answered with 200.</param>
/// <param name="P50Ms">Of a steady load from the moment at which the request was due.</param>
/// <param name="P99Ms">The same.</param>
/// <param name="Failed">Answered otherwise, or not at all.</param>
/// <param name="MemoryBefore">The API's resident bytes.</param>
/// <param name="MemoryAfter">The API's resident bytes.</param>
internal sealed record LoadFigures(double RequestsPerSecond, double P50Ms, double P99Ms, long Failed, long MemoryBefore, long MemoryAfter);

internal sealed record ApiReport
{
    public required int Posts { get; init; }

    /// <summary>A page of 50, eight connections.</summary>
    public required LoadFigures Feed { get; init; }

    /// <summary>The same at 500 requests a second.</summary>
    public required LoadFigures FeedSteady { get; init; }

    public required LoadFigures StatsCached { get; init; }

    /// <summary>The limit of the same run: an answer of some bytes.</summary>
    public required LoadFigures Health { get; init; }

    public double FeedOfHealth => Feed.RequestsPerSecond / Health.RequestsPerSecond;

    public double StatsOfHealth => StatsCached.RequestsPerSecond / Health.RequestsPerSecond;

    public string ToJson() => JsonSerializer.Serialize(this, ApiReportContext.Default.ApiReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ApiReport))]
internal sealed partial class ApiReportContext : JsonSerializerContext;
