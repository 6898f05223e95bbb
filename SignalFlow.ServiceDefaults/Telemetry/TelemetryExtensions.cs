using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SignalFlow.ServiceDefaults;

/// <summary>Logs, metrics and traces of a service, and where they go.</summary>
public static class TelemetryExtensions
{
    private const string Sources = "SignalFlow.*";

    private const int MetricsInterval = 15_000;

    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.AddLogs();
        builder.Services.AddOptionsWithValidateOnStart<TelemetryOptions, TelemetryOptions.Validator>().BindConfiguration(TelemetryOptions.Section);
        builder.Services.AddSingleton(provider => new BuildInfo(builder.Environment.ApplicationName, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<BuildMetrics>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(
                    builder.Environment.ApplicationName,
                    serviceVersion: BuildInfo.Version,
                    // As the processes call themselves in /api/pipeline/ and /api/ingestion/.
                    serviceInstanceId: $"{Environment.MachineName}/{Environment.ProcessId}")
                // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which the AppHost sets, win.
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(Sources)
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddPrometheusExporter());
        if (TelemetryOptions.TryParse(builder.Configuration[TelemetryOptions.MetricsEndpointKey], out var endpoint))
            telemetry.WithMetrics(metrics => metrics.AddReader(_ => Push(endpoint)));
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        // Only here: without a listener no span is made, and none costs anything.
        telemetry.UseOtlpExporter().WithTracing(tracing => tracing
            .AddSource(Sources)
            .AddAspNetCoreInstrumentation(options => options.Filter = IsWorthTracing)
            .AddHttpClientInstrumentation());
    }

    /// <summary>For commands, whose host is never started; what is traced is sent when the host is disposed.</summary>
    public static void StartTracing(this IHost host) => _ = host.Services.GetService<TracerProvider>();

    private static void AddLogs(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        // Per-request and per-health-check lines drown what matters; configuration can bring them back.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Error);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));

        // The ids are a scope, and the console leaves scopes out unless told. At the lowest rank, as a default.
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new("Logging:Console:FormatterOptions:IncludeScopes", "true")],
        });
        builder.Services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            if (json.TimestampFormat is not null)
                return;
            json.TimestampFormat = "O";
            json.UseUtcTimestamp = true;
        });
    }

    // Not AddOtlpExporter, which cannot be combined with UseOtlpExporter.
    private static PeriodicExportingMetricReader Push(Uri endpoint)
    {
        var exporter = new OtlpMetricExporter(new OtlpExporterOptions
        {
            Endpoint = endpoint,
            Protocol = OtlpExportProtocol.HttpProtobuf,
            // Those of OTEL_EXPORTER_OTLP_HEADERS are the other destination's secrets.
            Headers = "",
            TimeoutMilliseconds = 5_000,
        });
        return new(exporter, MetricsInterval) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
    }

    private static bool IsWorthTracing(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health")
        && !context.Request.Path.StartsWithSegments("/alive")
        && !context.Request.Path.StartsWithSegments("/version")
        && !context.Request.Path.StartsWithSegments("/metrics");
}
