using System.Diagnostics;
using SignalFlow.ServiceDefaults;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Telemetry;

/// <summary>Where telemetry goes. Listeners are the process's, so nothing runs beside.</summary>
[Collection(WholeProgram.Collection)]
public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_go_to_their_own_destination_too_without_the_secrets_of_the_other()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var app = Build(
            ("Telemetry:MetricsEndpoint", $"{collector.Address}/api/v1/otlp/v1/metrics"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")))
        {
            await app.StartAsync(Cancel);
            await app.StopAsync(Cancel);
        }

        // What is left is sent at the end.
        await Eventually.TrueAsync(() => Task.FromResult(collector.Requests.Count >= 2));
        Assert.Equal(
            [("/api/v1/otlp/v1/metrics", ""), ("/v1/metrics", "secret")],
            collector.Requests.Where(request => request.Path.EndsWith("/metrics", StringComparison.Ordinal)).Distinct().Order());
        Assert.Equal(2, collector.Points.Count(point => point.Name == "signalflow_build_info"));
    }

    [Theory]
    [InlineData("localhost:9090")]
    [InlineData("ftp://localhost/metrics")]
    [InlineData("/v1/metrics")]
    public async Task A_destination_that_is_none_stops_the_start(string endpoint)
    {
        await using var app = Build(("Telemetry:MetricsEndpoint", endpoint));

        var refusal = Assert.Throws<WrongConfigurationException>(app.ThrowIfMisconfigured);

        Assert.StartsWith($"Telemetry:MetricsEndpoint is '{endpoint}'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public async Task The_standard_variables_choose_the_sampler(string ratio, bool isKept)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = Build(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", ratio));
        await app.StartAsync(Cancel);

        Activity.Current = null;
        using var root = KafkaActivity.Send("topic", 1);
        using var child = RedisActivity.Start("GET");

        Assert.Equal(isKept, root is { Recorded: true });
        Assert.Equal(isKept, child is { Recorded: true });
    }

    [Fact]
    public async Task Without_a_collector_nobody_listens()
    {
        await using var app = Build();
        await app.StartAsync(Cancel);

        Assert.Null(KafkaActivity.Send("topic", 1));
    }

    private static WebApplication Build(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapServiceDefaults();
        return app;
    }
}
