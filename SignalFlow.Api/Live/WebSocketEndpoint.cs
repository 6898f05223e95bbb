using System.Net.WebSockets;
using System.Text.Json;

namespace SignalFlow.Api.Live;

/// <summary><c>/ws/posts/</c>: JSON over a plain WebSocket, as in the original system; what is new is for clients that ask for it.</summary>
internal static class WebSocketEndpoint
{
    /// <summary>The client's token has run out, or ended before; 4000 to 4999 are an application's own.</summary>
    public const WebSocketCloseStatus TokenExpired = (WebSocketCloseStatus)4401;

    private const int MaxMessageBytes = 16 << 10;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public static async Task<IResult> ServeAsync(
        HttpContext http, LiveGate gate, LiveFeed feed, LiveMetrics metrics, LiveOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            return TypedResults.Problem("This address speaks WebSocket only.", statusCode: StatusCodes.Status426UpgradeRequired);
        }

        var (request, place, refusal) = await gate.EnterAsync(http);
        if (refusal is not null)
            return refusal;
        using var taken = place;
        var client = new Client(request!, options, metrics, time) { ExpiresAt = LiveGate.ExpiryOf(http.User), Credential = LiveCredential.Of(http.User) };
        // Before the handshake ends: what happens after a client sees the connection open reaches it.
        feed.Join(client);
        try
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            client.Open(socket);
            using var stopping = lifetime.ApplicationStopping.Register(() => client.End(LiveEnd.Stopping));
            var reading = ReadAsync(socket, client, feed, http.RequestAborted);
            var end = await client.Ended;
            await CloseAsync(socket, end, reading);
        }
        finally
        {
            client.End(LiveEnd.Gone);
            client.Open(null);
            feed.Leave(client);
        }

        return TypedResults.Empty;
    }

    private static async Task ReadAsync(WebSocket socket, LiveClient client, LiveFeed feed, CancellationToken aborted)
    {
        var buffer = new byte[1024];
        using var message = new MemoryStream();
        try
        {
            // Not cancelled by a stop: cancelling a receive aborts the connection, and a stop closes it politely.
            while (await socket.ReceiveAsync(buffer.AsMemory(), aborted) is { MessageType: not WebSocketMessageType.Close } part)
            {
                if (message.Length + part.Count <= MaxMessageBytes)
                    message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                if (part.MessageType == WebSocketMessageType.Text)
                    Hear(message.GetBuffer().AsMemory(0, (int)message.Length), client, feed);
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // Gone without a close frame.
        }

        client.End(LiveEnd.Gone);
    }

    /// <summary>The original's clients may say what they like; only who says <c>subscribe</c> is answered.</summary>
    private static void Hear(ReadOnlyMemory<byte> message, LiveClient client, LiveFeed feed)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("type"u8, out var type)
                || type.ValueKind != JsonValueKind.String
                || !type.ValueEquals("subscribe"u8))
            {
                return;
            }

            if (LiveRequest.TryParse(document.RootElement, out var request, out var errors))
                feed.Change(client, request);
            else
                client.Offer(LiveMessage.Error(errors));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or none that holds text; whoever was told of messages is told of this.
            if (client.IsTold)
                client.Offer(LiveMessage.Error(new() { ["type"] = ["The message is not JSON."] }));
        }
    }

    private static async Task CloseAsync(WebSocket socket, LiveEnd end, Task reading)
    {
        var (status, reason) = end switch
        {
            LiveEnd.Stopping => (WebSocketCloseStatus.EndpointUnavailable, "The server is stopping; connect again."),
            LiveEnd.Expired => (TokenExpired, "The token has expired; connect again with a new one."),
            LiveEnd.Revoked => (TokenExpired, "The token or key is no longer good; connect again with another."),
            LiveEnd.TooSlow => (WebSocketCloseStatus.PolicyViolation, "Too slow; connect again."),
            _ => (WebSocketCloseStatus.NormalClosure, ""),
        };
        using var patience = new CancellationTokenSource(CloseTimeout);
        try
        {
            // It takes nothing, so neither this.
            if (end == LiveEnd.TooSlow)
                await patience.CancelAsync();
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, patience.Token);
            await reading.WaitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // It does not listen any more.
            socket.Abort();
            await reading;
        }
    }

    private sealed class Client(LiveRequest request, LiveOptions options, LiveMetrics metrics, TimeProvider time)
        : LiveClient(request, options, metrics, time, LiveTransport.WebSocket)
    {
        // More at a time would lie in the server's buffers for a client that does not take it.
        private const int MaxFrameBytes = 64 << 10;

        private readonly TaskCompletionSource<WebSocket?> _socket = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <param name="socket">Null: there will be none any more.</param>
        public void Open(WebSocket? socket) => _socket.TrySetResult(socket);

        protected override async ValueTask<int> SendAsync(LiveMessage message)
        {
            if (await _socket.Task is not { } socket)
                throw new OperationCanceledException();
            var json = message.Json;
            for (var start = 0; start < json.Length; start += MaxFrameBytes)
            {
                var length = Math.Min(MaxFrameBytes, json.Length - start);
                await socket.SendAsync(json.AsMemory(start, length), WebSocketMessageType.Text, start + length == json.Length, CancellationToken.None);
            }

            return json.Length;
        }
    }
}
