using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Ui;

/// <param name="P50Ms">From the commit to its sight.</param>
/// <param name="P95Ms">The same.</param>
/// <param name="Seen">How many commits; what is overtaken before it is drawn is not seen.</param>
internal sealed record SightFigures(double P50Ms, double P95Ms, double MaxMs, int Seen)
{
    public static SightFigures Of(IEnumerable<double> delays)
    {
        var sorted = delays.Order().ToArray();
        return sorted.Length == 0 ? new(0, 0, 0, 0) : new(sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.95)], sorted[^1], sorted.Length);
    }
}

/// <param name="FirstViewMs">From the request to the first row drawn, warm server, empty cache.</param>
/// <param name="TransferBytes">Of the first view, compressed, the circuit's start included.</param>
/// <param name="RendersPerSecond">Times a second in which the page's tree changes.</param>
/// <param name="HeapBytes">The page's JavaScript heap after a collection: at the start, at each quarter and at the end.</param>
/// <param name="Nodes">Of the document, at the same times.</param>
/// <param name="Errors">Of console and page.</param>
internal sealed record BrowserFigures(
    double FirstViewMs, long TransferBytes, double RendersPerSecond, SightFigures Sight, IReadOnlyList<long> HeapBytes, IReadOnlyList<long> Nodes,
    IReadOnlyList<string> Errors);

/// <param name="Circuits">Beside the browser's.</param>
/// <param name="Seconds">Of the measurement.</param>
/// <param name="Sight">Of all these circuits: from the commit to the arrival of the render batch.</param>
/// <param name="BatchesPerSecond">Of one circuit.</param>
/// <param name="BytesPerSecond">Of one circuit's batches.</param>
/// <param name="CpuOfOneCore">The UI process's.</param>
/// <param name="WebMemory">The UI process's resident bytes: before the circuits, at each quarter of the measurement and at the end.</param>
internal sealed record UiReport(
    int Circuits, int Seconds, SightFigures Sight, double BatchesPerSecond, double BytesPerSecond, double CpuOfOneCore, IReadOnlyList<long> WebMemory,
    BrowserFigures Browser)
{
    public string ToJson() => JsonSerializer.Serialize(this, UiReportContext.Default.UiReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UiReport))]
internal sealed partial class UiReportContext : JsonSerializerContext;
