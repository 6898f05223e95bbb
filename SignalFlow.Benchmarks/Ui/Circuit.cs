using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace SignalFlow.Benchmarks.Ui;

/// <summary>
/// A circuit of the feed without a browser: it takes the page's components, answers what a browser would answer (modules are imported, virtualised rows
/// are measured and seen, render batches are acknowledged), and notes when a commit's text arrives in a batch.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    /// <summary>Followed by the time of the commit in milliseconds: the titles of the posts have it.</summary>
    public const string Mark = "committed at ";

    private static readonly byte[] MarkBytes = Encoding.UTF8.GetBytes(Mark);

    private readonly HubConnection _connection;
    private int _callId;
    private long _newest;

    private Circuit(HubConnection connection) => _connection = connection;

    /// <summary>Milliseconds from the commit to the batch that shows it.</summary>
    public List<double> Delays { get; } = [];

    public int Batches { get; private set; }

    public long Bytes { get; private set; }

    public static async Task<Circuit> OpenAsync(Uri web, CancellationToken cancellationToken)
    {
        var page = await Page.GetAsync(web, cancellationToken);
        var builder = new HubConnectionBuilder().WithUrl(new Uri(web, "/_blazor"), http =>
        {
            http.SkipNegotiation = true;
            http.Transports = HttpTransportType.WebSockets;
        });
        builder.Services.AddSingleton<IHubProtocol, BlazorPackProtocol>();
        var connection = builder.Build();
        var circuit = new Circuit(connection);
        circuit.Listen();
        await connection.StartAsync(cancellationToken);
        if (await connection.InvokeAsync<string?>("StartCircuit", web.ToString(), web.ToString(), "[]", "", cancellationToken) is null)
            throw new InvalidDataException("The circuit was not started.");
        await connection.SendAsync("UpdateRootComponents", Operations(page), "", cancellationToken);
        return circuit;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Listen()
    {
        _connection.On<long, byte[]>("JS.RenderBatch", OnBatchAsync);
        _connection.On<long, string, string, int, long, int>("JS.BeginInvokeJS", OnCallAsync);
        _connection.On<int, string>("JS.AttachComponent", (_, _) => { });
        _connection.On<long>("JS.EndUpdateRootComponents", _ => { });
        _connection.On<byte[]>("JS.EndInvokeDotNet", _ => { });
        _connection.On<string>("JS.Error", error => Console.Error.WriteLine("A circuit failed: " + error));
    }

    private Task OnBatchAsync(long id, byte[] batch)
    {
        Batches++;
        Bytes += batch.Length;
        var newest = Newest(batch);
        if (newest > _newest)
        {
            _newest = newest;
            Delays.Add(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - newest);
        }

        return _connection.SendAsync("OnRenderCompleted", id, (string?)null);
    }

    private async Task OnCallAsync(long handle, string identifier, string arguments, int resultType, long target, int callType)
    {
        if (identifier.EndsWith("Virtualize.init", StringComparison.Ordinal))
            await SeeRowsAsync(JsonNode.Parse(arguments)!.AsArray());
        if (handle == 0)
            return;
        // 1 is a reference to an object of JavaScript: a module. Everything else returns nothing.
        var result = identifier == "import" ? """{"__jsObjectId":1}""" : "null";
        await _connection.SendAsync("EndInvokeJSFromDotNet", handle, true, $"[{handle},true,{result}]");
    }

    /// <summary>Tells the list what an intersection observer would: a window of 800 pixels with rows of 56.</summary>
    private async Task SeeRowsAsync(JsonArray arguments)
    {
        if (arguments[0]?["__dotNetObject"]?.GetValue<long>() is { } list)
            await _connection.SendAsync(
                "BeginInvokeDotNetFromJS", (++_callId).ToString(System.Globalization.CultureInfo.InvariantCulture), (string?)null,
                "OnSpacerAfterVisible", list, "[28000,28800,800]");
    }

    private static long Newest(ReadOnlySpan<byte> batch)
    {
        var newest = 0L;
        for (var at = batch.IndexOf(MarkBytes); at >= 0; at = batch.IndexOf(MarkBytes))
        {
            batch = batch[(at + MarkBytes.Length)..];
            if (batch.Length >= 13 && long.TryParse(batch[..13], out var time))
                newest = Math.Max(newest, time);
        }

        return newest;
    }

    /// <summary>What the script of the page would ask to be added: every component that the page has marked.</summary>
    private static string Operations(string page)
    {
        var operations = new JsonArray();
        foreach (Match match in Marker().Matches(page))
        {
            var marker = JsonNode.Parse(match.Groups[1].Value)!.AsObject();
            if (marker["type"]?.GetValue<string>() == "server")
                operations.Add(new JsonObject { ["type"] = "add", ["ssrComponentId"] = operations.Count + 1, ["marker"] = marker });
        }

        return new JsonObject { ["batchId"] = 1, ["operations"] = operations }.ToJsonString();
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Marker();
}

/// <summary>The feed's page as a browser gets it.</summary>
internal static class Page
{
    public static async Task<string> GetAsync(Uri web, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, web);
        using var answer = await client.SendAsync(request, cancellationToken);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }
}
