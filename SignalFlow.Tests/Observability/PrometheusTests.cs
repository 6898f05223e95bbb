using System.Text.Json;
using System.Text.RegularExpressions;
using SignalFlow.Embedded;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>A real Prometheus with the files of the AppHost scrapes the whole program.</summary>
[Collection(WholeProgram.Collection)]
public sealed partial class PrometheusTests(PrometheusTests.Fixture fixture) : IClassFixture<PrometheusTests.Fixture>
{
    // Written by Prometheus itself, the one always, the other while alerts fire.
    private static readonly string[] OfPrometheus = ["up", "ALERTS"];

    [Fact]
    public async Task A_Prometheus_with_these_files_scrapes_it_and_finds_what_its_rules_name()
    {
        Promtool.Require("prometheus");
        var standalone = fixture.Standalone;
        await Eventually.TrueAsync(async () => (await JsonAsync(standalone.HttpClient, "/api/posts/")).GetProperty("results").GetArrayLength() > 0);
        using var folder = new TemporaryFolder();
        var port = LoopbackPort.Free();
        await WriteConfigurationAsync(folder.Path, standalone.BaseAddress.Authority, port);
        await using var prometheus = ProgramProcess.StartCommand("prometheus",
            [$"--config.file={folder.Path}/prometheus.yml", $"--storage.tsdb.path={folder.Path}/data", $"--web.listen-address=127.0.0.1:{port}"]);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new($"http://127.0.0.1:{port}") };

        await Eventually.TrueAsync(async () => prometheus.HasExited || await TargetsAsync(client) is { Count: 2 } targets && targets.All(target => target.EndsWith(" up", StringComparison.Ordinal)));
        Assert.False(prometheus.HasExited, prometheus.Errors);
        Assert.Equal(["prometheus up", "standalone up"], (await TargetsAsync(client)).Order());

        await Eventually.TrueAsync(async () => (await RulesAsync(client)).All(rule => rule.GetProperty("health").GetString() != "unknown"));
        var rules = await RulesAsync(client);
        Assert.Equal(PrometheusFiles.Rules.Count, rules.Count);
        Assert.Empty(rules.Where(rule => rule.GetProperty("health").GetString() != "ok").Select(rule => rule.ToString()));

        var known = (await JsonAsync(client, "/api/v1/label/__name__/values")).GetProperty("data").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
        Assert.Empty(PrometheusFiles.NamedMetrics.Where(metric => !metric.Key.StartsWith("signalflow", StringComparison.Ordinal) && !OwnMetrics.IsOwn(metric.Key)
            && !OfPrometheus.Contains(metric.Key) && !known.Contains(metric.Key)).Select(metric => $"{metric.Key} in {string.Join(", ", metric)}"));
        // Or the names that are compared with the rules would not be those of the exporter.
        // _created is what OpenMetrics adds to counters and histograms.
        Assert.Empty(known.Where(name => OwnMetrics.IsOwn(name) && !name.EndsWith("_created", StringComparison.Ordinal)).Except(OwnMetrics.Names));
        await AssertPanelsAsync(client);
    }

    [Fact]
    public async Task What_is_exposed_follows_the_conventions_of_Prometheus()
    {
        Promtool.Require("promtool");
        var standalone = fixture.Standalone;
        await Eventually.TrueAsync(async () => (await MetricsAsync(standalone)).Contains("\nsignalflow_end_to_end_seconds_count", StringComparison.Ordinal));

        // Of .NET and Npgsql the names are fixed; promtool takes some that end in _count for parts of histograms.
        Assert.DoesNotContain(await Promtool.LintAsync(await MetricsAsync(standalone)), OwnMetrics.IsOwn);
    }

    private static Task<string> MetricsAsync(StandaloneProcess standalone) =>
        standalone.HttpClient.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    // As it is but for the intervals, which a test should not wait for, and the place of Prometheus' own port.
    private static async Task WriteConfigurationAsync(string folder, string standalone, int port)
    {
        var configuration = await File.ReadAllTextAsync(Path.Combine(PrometheusFiles.Folder, "prometheus.yml"), TestContext.Current.CancellationToken);
        configuration = configuration.Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal).Replace("localhost:9090", $"127.0.0.1:{port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), configuration, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "targets"));
        await File.WriteAllTextAsync(Path.Combine(folder, "targets", "standalone.json"), $$$"""
            [{"targets": ["{{{standalone}}}"], "labels": {"job": "standalone"}}]
            """, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "rules"));
        foreach (var file in PrometheusFiles.Files("rules"))
            File.Copy(file, Path.Combine(folder, "rules", Path.GetFileName(file)));
    }

    private static async Task<List<string>> TargetsAsync(HttpClient client)
    {
        try
        {
            return [.. (await JsonAsync(client, "/api/v1/targets")).GetProperty("data").GetProperty("activeTargets").EnumerateArray()
                .Select(target => $"{target.GetProperty("labels").GetProperty("job").GetString()} {target.GetProperty("health").GetString()}")];
        }
        catch (HttpRequestException)
        {
            // It is still starting.
            return [];
        }
    }

    private static async Task<List<JsonElement>> RulesAsync(HttpClient client) => [.. (await JsonAsync(client, "/api/v1/rules")).GetProperty("data").GetProperty("groups")
        .EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];

    // Grafana's own words stand for what it would fill in.
    private static async Task AssertPanelsAsync(HttpClient client)
    {
        foreach (var expression in PrometheusFiles.Panels.SelectMany(PrometheusFiles.Expressions).Distinct())
        {
            var query = Variable().Replace(expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal), ".*");
            var answer = await client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{query}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    /// <summary>The program, for both tests, where there is anything to look at it with.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal StandaloneProcess Standalone { get; } = new();

        public async ValueTask InitializeAsync()
        {
            if (Promtool.IsFound("promtool"))
                await Standalone.StartAsync("--speed", "60");
        }

        public ValueTask DisposeAsync() => Standalone.DisposeAsync();
    }

    [GeneratedRegex(@"\$(service|instance)")]
    private static partial Regex Variable();
}
