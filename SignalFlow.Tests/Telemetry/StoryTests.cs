using System.Text.Json;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Telemetry;

/// <summary>What the whole program tells a collector of one observation's way from Reddit to a page.</summary>
[Collection(WholeProgram.Collection)]
public sealed class StoryTests : IAsyncLifetime
{
    private static readonly string[] WithExemplars =
        ["reddit_processor_batch_flush", "signalflow_end_to_end", "signalflow_live_delay", "http.server.request.duration"];

    private OtlpCollector _collector = null!;
    private StandaloneProcess _standalone = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _collector = await OtlpCollector.StartAsync();
        _standalone = new()
        {
            Variables =
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
                ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test",
                ["Logging__LogLevel__SignalFlow"] = "Debug",
                ["Logging__Console__FormatterName"] = "json",
            },
        };
        await _standalone.StartAsync("--speed", "60");
    }

    public async ValueTask DisposeAsync()
    {
        await _standalone.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task One_story_leads_from_the_poll_to_the_page_and_logs_and_metrics_belong_to_it()
    {
        IReadOnlyList<string> missing = ["everything"];
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult((missing = MissingOfStory()).Count == 0), TimeSpan.FromSeconds(20));
            await Eventually.TrueAsync(() => Task.FromResult((missing = MissingBeside()).Count == 0), TimeSpan.FromSeconds(20));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No {string.Join(", no ", missing)}. Spans: {string.Join(", ", _collector.Spans.Select(span => span.Name).Distinct())}");
        }

        var span = _collector.Spans.First();
        Assert.Equal("SignalFlow.Standalone", span.Resource["service.name"]);
        Assert.Equal("test", span.Resource["deployment.environment.name"]);
        var version = await VersionAsync();
        Assert.Equal(version.GetProperty("version").GetString(), span.Resource["service.version"]);
        Assert.StartsWith($"{Environment.MachineName}/", span.Resource["service.instance.id"], StringComparison.Ordinal);
        Assert.Contains(_collector.Points, point => point.Name == "signalflow_build_info" && point.Labels["version"] == span.Resource["service.version"]);
        Assert.Contains($"signalflow_build_info{{", await _standalone.HttpClient.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);

        await AssertNothingOfContentAsync();
        AssertConsoleHasIds();
    }

    /// <summary>The way back from the page, as long as each step has the one before it; empty: there is one that is whole.</summary>
    private List<string> MissingOfStory()
    {
        var spans = _collector.Spans.GroupBy(span => (span.TraceId, span.Id)).ToDictionary(same => same.Key, same => same.First());
        var children = spans.Values.ToLookup(span => (span.TraceId, span.ParentId));
        List<string> missing = ["apply posts.update"];
        foreach (var applied in spans.Values.Where(span => span is { Name: "apply posts.update", Kind: OtlpSpan.Consumer }))
        {
            var way = new List<string>();
            var batch = Parent(Parent(Parent(Parent(Parent(
                applied, "push posts.update", OtlpSpan.Producer), "live update", OtlpSpan.Consumer), "EVAL", OtlpSpan.Client),
                "batch publish", 1), "process posts", OtlpSpan.Consumer);
            if (batch is not null)
                FollowBack(batch, way);
            if (way.Count < missing.Count || missing is ["apply posts.update"])
                missing = way;
            if (missing.Count == 0)
                break;

            OtlpSpan? Parent(OtlpSpan? span, string name, int kind)
            {
                if (span is null)
                    return null;
                if (spans.TryGetValue((span.TraceId, span.ParentId), out var parent) && parent.Name == name && parent.Kind == kind)
                    return parent;
                way.Add($"{name} above {span.Name}");
                return null;
            }
        }

        return missing;

        void FollowBack(OtlpSpan batch, List<string> way)
        {
            var below = children[(batch.TraceId, batch.Id)].SelectMany(stage => children[(stage.TraceId, stage.Id)]).ToList();
            if (!below.Exists(span => span.Kind == OtlpSpan.Client && span.Attributes.GetValueOrDefault("db.system.name") == "postgresql"))
                way.Add("database span of the batch");
            if (!below.Exists(span => span.Name == "SET" && span.Attributes.GetValueOrDefault("db.system.name") == "redis"))
                way.Add("Redis span of the batch");
            Assert.Equal("kafka", batch.Attributes["messaging.system"]);
            Assert.True(batch.Attributes.ContainsKey("messaging.batch.message_count"));
            Assert.True(batch.Attributes.ContainsKey("signalflow.partitions") || batch.Attributes.ContainsKey("messaging.destination.partition.id"));

            var sent = batch.Links.Select(link => spans.GetValueOrDefault((link.TraceId, link.SpanId))).FirstOrDefault(span => span is
            {
                Name: "send reddit.posts.raw" or "send reddit.posts.refresh",
                Kind: OtlpSpan.Producer,
            });
            var asked = sent is null ? null : spans.GetValueOrDefault((sent.TraceId, sent.ParentId));
            if (sent is null)
                way.Add("link to what was sent to Kafka");
            else if (asked is not { Name: "reddit poll" or "reddit refresh" or "reddit backfill" })
                way.Add("request above what was sent to Kafka");
            else if (!children[(asked.TraceId, asked.Id)].Any(span => span.Kind == OtlpSpan.Client && span.Attributes.ContainsKey("url.full")))
                way.Add("HTTP span of the request");
        }
    }

    private List<string> MissingBeside()
    {
        var traces = _collector.Spans.Select(span => span.TraceId).ToHashSet();
        List<string> missing = [.. WithExemplars.Where(name => !_collector.Points.Any(point => point.Name == name && point.ExemplarTraces.Any(traces.Contains)))
            .Select(name => $"exemplar of {name}")];
        if (!_collector.Logs.Any(log => traces.Contains(log.TraceId) && log.SpanId.Length == 16))
            missing.Add("log with the ids of a span");
        if (!_collector.Points.Any(point => point.Name == "signalflow_build_info"))
            missing.Add("signalflow_build_info");
        return missing;
    }

    private async Task<JsonElement> VersionAsync()
    {
        using var json = JsonDocument.Parse(await _standalone.HttpClient.GetByteArrayAsync("/version", Cancel));
        var version = json.RootElement.Clone();
        Assert.Equal(["name", "version", "commit", "runtime", "started_at"], version.EnumerateObject().Select(property => property.Name));
        Assert.Equal("SignalFlow.Standalone", version.GetProperty("name").GetString());
        Assert.StartsWith(".NET ", version.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        return version;
    }

    private async Task AssertNothingOfContentAsync()
    {
        var content = await _standalone.QueryAsync(
            "SELECT DISTINCT text FROM (SELECT title AS text FROM posts UNION ALL SELECT author FROM posts) AS content WHERE length(text) > 8 AND text <> '[deleted]'",
            row => row.GetString(0));
        Assert.NotEmpty(content);
        foreach (var (name, value) in _collector.Spans.SelectMany(span => span.Attributes).Distinct())
        {
            if (content.FirstOrDefault(text => value.Contains(text, StringComparison.Ordinal)) is { } told)
                Assert.Fail($"{name} tells '{told}': {value}");
        }
    }

    private void AssertConsoleHasIds()
    {
        var lines = _standalone.Output.Split('\n').Where(line => line.StartsWith('{') && line.EndsWith('}')).ToList();
        var isTraced = lines.Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.True(json.RootElement.TryGetProperty("Timestamp", out _));
            return json.RootElement.TryGetProperty("Scopes", out var scopes) && scopes.EnumerateArray().Any(scope =>
                scope.ValueKind == JsonValueKind.Object
                && scope.TryGetProperty("TraceId", out var trace) && trace.GetString() is { Length: 32 }
                && scope.TryGetProperty("SpanId", out var span) && span.GetString() is { Length: 16 });
        });
        Assert.Contains(true, isTraced);
    }
}
