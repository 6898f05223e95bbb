using System.Globalization;
using System.Net.Http.Headers;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>What is left of the quota's window, as the <c>x-ratelimit-*</c> headers of an answer say.</summary>
/// <param name="Remaining">Requests left; Reddit sends <c>598.0</c> as well as <c>598</c>.</param>
/// <param name="Reset">Until the window ends.</param>
internal readonly record struct RateLimit(double Remaining, TimeSpan Reset)
{
    /// <summary>Null where either header is missing or no number: Reddit leaves them out when its own counter fails.</summary>
    public static RateLimit? From(HttpResponseHeaders headers) =>
        Number(headers, "x-ratelimit-remaining") is { } remaining && Number(headers, "x-ratelimit-reset") is { } reset and < 86_400
            ? new RateLimit(remaining, TimeSpan.FromSeconds(reset))
            : null;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values)
        && double.TryParse(values.FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number) && number >= 0
            ? number
            : null;
}
