using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace SignalFlow.Tests.Telemetry;

/// <summary>Takes what is exported as OTLP over HTTP, and keeps what the tests ask for.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public ConcurrentQueue<OtlpSpan> Spans { get; } = [];

    public ConcurrentQueue<OtlpLog> Logs { get; } = [];

    public ConcurrentQueue<OtlpPoint> Points { get; } = [];

    /// <summary>Path and <c>x-key</c> header of every request.</summary>
    public ConcurrentQueue<(string Path, string Key)> Requests { get; } = [];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/{**path}", collector.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var message = new ProtoMessage(body.ToArray());
        Requests.Enqueue((request.Path.Value!, request.Headers["x-key"].ToString()));
        foreach (var ofResource in message.Messages(1))
        {
            var resource = ofResource.Messages(1).Select(resource => Attributes(resource, 1)).FirstOrDefault() ?? [];
            foreach (var item in ofResource.Messages(2).SelectMany(scope => scope.Messages(2)))
                Keep(request.Path.Value!, resource, item);
        }
    }

    private void Keep(string path, Dictionary<string, string> resource, ProtoMessage item)
    {
        if (path.EndsWith("/v1/traces", StringComparison.Ordinal))
        {
            Spans.Enqueue(new(
                item.Hex(1), item.Hex(2), item.Hex(4), item.Text(5), (int)item.Number(6), Attributes(item, 9),
                [.. item.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))], resource));
        }
        else if (path.EndsWith("/v1/logs", StringComparison.Ordinal))
        {
            Logs.Enqueue(new(item.Messages(5).Select(Value).FirstOrDefault() ?? "", item.Hex(9), item.Hex(10), resource));
        }
        else
        {
            // Gauges, sums, histograms.
            foreach (var (kind, labels, exemplars) in (ReadOnlySpan<(int, int, int)>)[(5, 7, 5), (7, 7, 5), (9, 9, 8)])
            {
                foreach (var point in item.Messages(kind).SelectMany(data => data.Messages(1)))
                    Points.Enqueue(new(item.Text(1), Attributes(point, labels), [.. point.Messages(exemplars).Select(exemplar => exemplar.Hex(5))], resource));
            }
        }
    }

    private static Dictionary<string, string> Attributes(ProtoMessage message, int field) =>
        message.Messages(field).ToDictionary(pair => pair.Text(1), pair => pair.Messages(2).Select(Value).FirstOrDefault() ?? "");

    private static string Value(ProtoMessage value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(3) ? ((long)value.Number(3)).ToString(CultureInfo.InvariantCulture)
        : value.Has(5) ? string.Join(',', value.Messages(5).SelectMany(array => array.Messages(1)).Select(Value))
        : "";
}

internal sealed record OtlpSpan(
    string TraceId, string Id, string ParentId, string Name, int Kind, Dictionary<string, string> Attributes,
    IReadOnlyList<(string TraceId, string SpanId)> Links, Dictionary<string, string> Resource)
{
    public const int Server = 2;
    public const int Client = 3;
    public const int Producer = 4;
    public const int Consumer = 5;
}

internal sealed record OtlpLog(string Text, string TraceId, string SpanId, Dictionary<string, string> Resource);

internal sealed record OtlpPoint(string Name, Dictionary<string, string> Labels, IReadOnlyList<string> ExemplarTraces, Dictionary<string, string> Resource);
