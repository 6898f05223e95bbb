using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Live;

/// <param name="Clients">That read.</param>
/// <param name="Deaf">That do not.</param>
/// <param name="Missed">Posts that a client should have got and did not, over all clients.</param>
/// <param name="Doubled">Posts that a client got once too often.</param>
/// <param name="CpuOfOneCore">The API's.</param>
/// <param name="MemoryIdle">The API's resident bytes before the clients came.</param>
/// <param name="MemoryConnected">When all were connected.</param>
/// <param name="MemoryAfter">At the end.</param>
internal sealed record LiveFigures(
    int Clients, int Deaf, ClientFigures Figures, long Missed, long Doubled, double CpuOfOneCore, long MemoryIdle, long MemoryConnected, long MemoryAfter)
{
    public long BytesPerClient => (MemoryConnected - MemoryIdle) / (Clients + Deaf);
}

internal sealed record LiveReport(LiveFigures Reading, LiveFigures WithDeaf)
{
    public string ToJson() => JsonSerializer.Serialize(this, LiveReportContext.Default.LiveReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LiveReport))]
[JsonSerializable(typeof(ClientFigures))]
internal sealed partial class LiveReportContext : JsonSerializerContext;
