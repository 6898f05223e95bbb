using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.SignalR.Client;
using SignalFlow.Api.Live;

namespace SignalFlow.Tests.Live;

public enum Wire
{
    WebSocket,
    HubJson,
    HubMessagePack,
    EventStream,
}

/// <summary>A client of the live stream, by whatever wire; what it receives are the same messages.</summary>
internal sealed class LiveViewer : IAsyncDisposable
{
    private static readonly string[] Types = ["posts.update", "snapshot", "status", "missed", "subscribed", "error"];

    // A message that does not come fails the test instead of hanging it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<JsonElement> _messages = Channel.CreateUnbounded<JsonElement>();
    private readonly CancellationTokenSource _left = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientWebSocket? _socket;
    private HubConnection? _hub;
    private HttpClient? _http;

    public ChannelReader<JsonElement> Messages => _messages.Reader;

    public Task Closed => _closed.Task.WaitAsync(Patience, Cancel);

    public WebSocketCloseStatus? CloseStatus => _socket?.CloseStatus;

    public List<string> Comments { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<LiveViewer> ConnectAsync(
        LiveApplication live, Wire wire = Wire.WebSocket, string query = "", int instance = 0, long? lastEventId = null)
    {
        var viewer = new LiveViewer();
        switch (wire)
        {
            case Wire.WebSocket:
                viewer._socket = new();
                await viewer._socket.ConnectAsync(new UriBuilder(live.Address($"/ws/posts/?{query}", instance)) { Scheme = "ws" }.Uri, Cancel);
                _ = viewer.ReadSocketAsync();
                break;
            case Wire.EventStream:
                await viewer.OpenEventsAsync(live, query, instance, lastEventId);
                break;
            default:
                await viewer.OpenHubAsync(live.Address($"/hubs/posts?{query}", instance), wire == Wire.HubMessagePack);
                break;
        }

        // A hub is connected before it has joined, and tells of itself when it has.
        if (wire != Wire.WebSocket)
            await viewer.Messages.WaitToReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);
        return viewer;
    }

    public async Task<JsonElement> NextAsync() => await Messages.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);

    /// <summary>Passes over what is of another type.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        JsonElement message;
        do
            message = await NextAsync();
        while (message.GetProperty("type").GetString() != type);
        return message;
    }

    /// <summary>Reads updates until the post has this score.</summary>
    public async Task<List<JsonElement>> UntilAsync(string id, int score)
    {
        var posts = new List<JsonElement>();
        while (!posts.Exists(post => post.GetProperty("id").GetString() == id && post.GetProperty("current_score").GetInt32() == score))
            posts.AddRange((await NextAsync("posts.update")).GetProperty("posts").EnumerateArray());
        return posts;
    }

    /// <summary>Reads until the post comes, in an update or a snapshot.</summary>
    public async Task SeesAsync(string id)
    {
        JsonElement message;
        do
            message = await NextAsync();
        while (!(message.TryGetProperty("posts", out var posts) && posts.ValueKind == JsonValueKind.Array
            && posts.EnumerateArray().Any(post => post.GetProperty("id").GetString() == id)));
    }

    public async Task SubscribeAsync(string filter)
    {
        if (_hub is not null)
        {
            await _hub.InvokeAsync("Subscribe", new LivePayload(Encoding.UTF8.GetBytes(filter)), Cancel);
            return;
        }

        await SayAsync($$"""{"type":"subscribe",{{filter.TrimStart('{')}}""");
    }

    public Task SayAsync(string text) => _socket!.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        _socket?.Abort();
        _socket?.Dispose();
        if (_hub is not null)
            await _hub.DisposeAsync();
        _http?.Dispose();
        _left.Dispose();
    }

    private async Task ReadSocketAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (await _socket!.ReceiveAsync(buffer.AsMemory(), _left.Token) is { MessageType: not WebSocketMessageType.Close } part)
            {
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                Hear(message.ToArray());
                message.SetLength(0);
            }

            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _left.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone.
        }

        _closed.TrySetResult();
    }

    private async Task OpenHubAsync(Uri address, bool messagePack)
    {
        var builder = new HubConnectionBuilder().WithUrl(address);
        if (messagePack)
        {
            builder.AddMessagePackProtocol(protocol => protocol.SerializerOptions = MessagePackSerializerOptions.Standard
                .WithResolver(CompositeResolver.Create([new LivePayload.Formatter()], [StandardResolver.Instance])));
        }

        _hub = builder.Build();
        foreach (var type in Types)
            _hub.On<LivePayload>(type, payload => Hear(payload.Json));
        _hub.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
        await _hub.StartAsync(Cancel);
    }

    private async Task OpenEventsAsync(LiveApplication live, string query, int instance, long? lastEventId)
    {
        _http = live.CreateClient(instance);
        _http.Timeout = Timeout.InfiniteTimeSpan;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/stream/?{query}");
        if (lastEventId is { } last)
            request.Headers.Add("Last-Event-ID", $"{last}");
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        _ = ReadEventsAsync(response);
    }

    private async Task ReadEventsAsync(HttpResponseMessage response)
    {
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_left.Token));
            while (await reader.ReadLineAsync(_left.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                    Hear(Encoding.UTF8.GetBytes(line[6..]));
                else if (line.StartsWith(':'))
                    Comments.Add(line);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException)
        {
            // Gone.
        }

        response.Dispose();
        _closed.TrySetResult();
    }

    private void Hear(ReadOnlyMemory<byte> json) => _messages.Writer.TryWrite(JsonDocument.Parse(json).RootElement.Clone());
}
