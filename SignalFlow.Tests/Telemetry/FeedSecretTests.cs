using Microsoft.Extensions.Logging.Testing;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Telemetry;

/// <summary>The address of a feed is its login. Listeners are the process's, so nothing runs beside.</summary>
[Collection(WholeProgram.Collection)]
public sealed class FeedSecretTests(PostgresFixture postgres)
{
    private static readonly IConfiguration Everything = new ConfigurationBuilder()
        .AddInMemoryCollection([new("LogLevel:Default", "Trace"), new("LogLevel:Microsoft.AspNetCore", "Trace")]).Build();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_secret_of_a_feed_is_in_no_line_scope_or_span()
    {
        await using var collector = await OtlpCollector.StartAsync();
        FeedAddress feed;
        List<string> written;
        await using (var api = await ApiApplication.StartAsync(
            postgres, services => services.AddLogging(logging => logging.ClearProviders().AddConfiguration(Everything).AddFakeLogging()),
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" }))
        {
            feed = await FeedAsync(api);
            foreach (var address in (string[])[
                feed.Atom, feed.Json, feed.Atom + "/", feed.Atom.Replace("/api/feeds/", "/API/Feeds/", StringComparison.Ordinal),
                feed.Atom + "x", feed.Atom[..^5], feed.Atom.Replace("/api/", "/behind/api/", StringComparison.Ordinal)])
            {
                using var read = await api.Client.GetAsync(address, Cancel);
                using var refused = await api.Client.DeleteAsync(address, Cancel);
            }

            written = [.. api.Services.GetFakeLogCollector().GetSnapshot().SelectMany(Parts)];
        }

        var token = Path.GetFileNameWithoutExtension(feed.Atom);
        Assert.Contains("RequestPath: /api/feeds/searches/-.atom", written);
        Assert.DoesNotContain(written, part => part.Contains(token, StringComparison.Ordinal));
        // What is left is sent at the end. Those of the test's own client have its address.
        var spans = collector.Spans.Where(span => span.Kind == OtlpSpan.Server).ToList();
        Assert.Contains(spans, span => span.Attributes["url.path"] == "/api/feeds/searches/-.json");
        Assert.DoesNotContain(spans.SelectMany(span => span.Attributes.Values.Append(span.Name)), text => text.Contains(token, StringComparison.Ordinal));
    }

    /// <summary>All that a sink may write of it.</summary>
    private static IEnumerable<string> Parts(FakeLogRecord record) =>
        record.Scopes.Append(record.State).Append(record.Message).Append(record.Exception)
            .SelectMany(part => part is IEnumerable<KeyValuePair<string, object?>> pairs
                ? pairs.Select(pair => $"{pair.Key}: {pair.Value}").Append($"{part}")
                : [$"{part}"]);

    private static async Task<FeedAddress> FeedAsync(ApiApplication api)
    {
        using var viewer = await api.ClientAsAsync("viewer");
        using var saved = await viewer.PostAsJsonAsync("/api/account/searches/", new { name = "rockets", query = "q=rocket" }, Cancel);
        var search = (await saved.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SavedSearchView, Cancel))!;
        using var made = await viewer.PostAsync($"/api/account/searches/{search.Id}/feed", null, Cancel);
        return (await made.Content.ReadFromJsonAsync(ContractsJsonContext.Default.FeedAddress, Cancel))!;
    }
}
