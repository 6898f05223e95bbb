using System.Text.Json;
using System.Text.RegularExpressions;
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
        await using var prometheus = await PrometheusServer.StartAsync(new[] { standalone.BaseAddress.Authority }.ToLookup(_ => "standalone"));
        Assert.Equal(["prometheus up", "standalone up"], await prometheus.AllUpAsync(2));

        await Eventually.TrueAsync(async () => (await RulesAsync(prometheus)).All(rule => rule.GetProperty("health").GetString() != "unknown"));
        var rules = await RulesAsync(prometheus);
        Assert.Equal(PrometheusFiles.Rules.Count, rules.Count);
        Assert.Empty(rules.Where(rule => rule.GetProperty("health").GetString() != "ok").Select(rule => rule.ToString()));

        var known = (await prometheus.JsonAsync("/api/v1/label/__name__/values")).EnumerateArray().Select(name => name.GetString()!).ToHashSet();
        Assert.Empty(PrometheusFiles.NamedMetrics.Where(metric => !metric.Key.StartsWith("signalflow", StringComparison.Ordinal)
            && !OwnMetrics.IsOwn(metric.Key) && !OfPrometheus.Contains(metric.Key) && !known.Contains(metric.Key))
            .Select(metric => $"{metric.Key} in {string.Join(", ", metric)}"));
        // Or the names that are compared with the rules would not be those of the exporter.
        // _created is what OpenMetrics adds to counters and histograms.
        Assert.Empty(known.Where(name => OwnMetrics.IsOwn(name) && !name.EndsWith("_created", StringComparison.Ordinal)).Except(OwnMetrics.Names));
        await AssertPanelsAsync(prometheus);
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

    [Fact]
    public async Task The_commands_of_the_runbooks_answer()
    {
        foreach (var program in (string[])["prometheus", "bash", "curl", "psql"])
            Promtool.Require(program);
        await using var prometheus = await PrometheusServer.StartAsync(new[] { fixture.Standalone.BaseAddress.Authority }.ToLookup(_ => "standalone"));
        await prometheus.AllUpAsync(2);

        Assert.Empty(await RunbookCommands.FailuresAsync(fixture.Standalone, prometheus.Client.BaseAddress!));
    }

    private static Task<string> MetricsAsync(StandaloneProcess standalone) =>
        standalone.HttpClient.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    private static async Task<List<JsonElement>> RulesAsync(PrometheusServer prometheus) =>
        [.. (await prometheus.JsonAsync("/api/v1/rules")).GetProperty("groups")
            .EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];

    // Grafana's own words stand for what it would fill in.
    private static async Task AssertPanelsAsync(PrometheusServer prometheus)
    {
        foreach (var expression in PrometheusFiles.Panels.SelectMany(PrometheusFiles.Expressions).Distinct())
        {
            var query = Variable().Replace(expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal), ".*");
            var answer = await prometheus.Client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", TestContext.Current.CancellationToken);
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
