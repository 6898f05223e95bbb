using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

/// <summary>Section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";
    public const string MetricsEndpointKey = $"{Section}:{nameof(MetricsEndpoint)}";

    /// <summary>Where metrics are pushed to as OTLP over HTTP, besides what <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says.</summary>
    public string? MetricsEndpoint { get; set; }

    public static bool TryParse(string? endpoint, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);

    internal sealed class Validator : IValidateOptions<TelemetryOptions>
    {
        public ValidateOptionsResult Validate(string? name, TelemetryOptions options) =>
            string.IsNullOrEmpty(options.MetricsEndpoint) || TryParse(options.MetricsEndpoint, out _)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"{MetricsEndpointKey} is '{options.MetricsEndpoint}'; it must be an address that takes OTLP over HTTP, such as http://localhost:9090/api/v1/otlp/v1/metrics.");
    }
}
