using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>A Kestrel server with the addresses of the API that the UI lives on.</summary>
internal sealed class LiveApi : IAsyncDisposable
{
    private readonly Dictionary<HttpContext, WebSocket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly WebApplication _app;
    private int _connections;

    /// <param name="address">By default one that is free.</param>
    public LiveApi(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapGet("/api/access/", () => Results.Json(new AccessState(PublicRead, HasAdministrator: true), ContractsJsonContext.Default.AccessState));
        _app.MapGet("/api/posts/trails", (string ids) => Results.Json(
            new PostTrails([.. Trails.Where(trail => ids.Split(',').Contains(trail.Id))]), ContractsJsonContext.Default.PostTrails));
        _app.MapGet("/api/posts/", (int page_size, int? from) => Page(page_size, from ?? 0));
        _app.Map("/ws/posts/", ListenAsync);
    }

    public PostView[] Posts { get; set; } = [];

    public PostTrail[] Trails { get; set; } = [];

    public bool PublicRead { get; set; } = true;

    /// <summary>Answers 503 to new live connections.</summary>
    public bool Refuses { get; set; }

    public string Address => _app.Urls.First();

    public int Connections => Volatile.Read(ref _connections);

    public Task StartAsync() => _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public Task PushAsync(params PostView[] posts) =>
        PushTextAsync(JsonSerializer.Serialize(new LiveUpdate { Posts = posts }, ContractsJsonContext.Default.LiveUpdate));

    public async Task PushTextAsync(string message)
    {
        foreach (var socket in Sockets())
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    /// <summary>Cuts the wire without a close frame.</summary>
    public void BreakConnections()
    {
        // A context that has left is disposed of, which an abort must not meet.
        lock (_gate)
        {
            foreach (var context in _sockets.Keys)
                context.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        BreakConnections();
        await _app.DisposeAsync();
    }

    private List<WebSocket> Sockets()
    {
        lock (_gate)
            return [.. _sockets.Values];
    }

    private IResult Page(int size, int from)
    {
        var newest = Posts.OrderByDescending(post => post.CreatedUtc).Skip(from).Take(size).ToList();
        // The API may name itself by a host that only others can reach.
        var next = newest.Count == size ? $"http://public.example/api/posts/?page_size={size}&from={from + size}" : null;
        return Results.Json(new PostPage { Results = newest, Next = next }, ContractsJsonContext.Default.PostPage);
    }

    private async Task ListenAsync(HttpContext context)
    {
        if (Refuses)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        lock (_gate)
            _sockets[context] = socket;
        Interlocked.Increment(ref _connections);
        try
        {
            await socket.ReceiveAsync(new byte[64], context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client has gone, or the test cut the wire.
        }
        finally
        {
            lock (_gate)
                _sockets.Remove(context);
        }
    }
}
