using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SignalFlow.Api.Live;

internal static class LiveEndpoints
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public static IEndpointConventionBuilder MapLiveFeed(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/ws/posts", ServeAsync).WithTags("Live").ExcludeFromDescription();

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> ServeAsync(
        HttpContext context, LiveFeed feed, LiveMetrics metrics, IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return TypedResults.Problem("This address speaks WebSocket only.", statusCode: StatusCodes.Status426UpgradeRequired);
        }

        // Subscribed before the handshake ends: what happens after a client sees the connection open reaches it.
        using var subscription = feed.Subscribe();
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var reading = ReadUntilClosedAsync(socket, gone, context.RequestAborted);
        await SendAsync(socket, subscription, metrics, gone.Token);
        await CloseAsync(socket, subscription, lifetime, reading);
        return TypedResults.Empty;
    }

    private static async Task SendAsync(WebSocket socket, LiveFeed.Subscription subscription, LiveMetrics metrics, CancellationToken gone)
    {
        try
        {
            await foreach (var message in subscription.Messages.ReadAllAsync(gone))
            {
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, gone);
                metrics.Sent();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The viewer left, or we are stopping.
        }
    }

    /// <summary>Nothing a viewer says matters, but its close frame and the pongs have to be read.</summary>
    private static async Task ReadUntilClosedAsync(WebSocket socket, CancellationTokenSource gone, CancellationToken aborted)
    {
        var buffer = new byte[256];
        try
        {
            // Not cancelled by a stop: cancelling a receive aborts the connection, and a stop closes it politely.
            while ((await socket.ReceiveAsync(buffer.AsMemory(), aborted)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // Gone without a close frame.
        }

        await gone.CancelAsync();
    }

    private static async Task CloseAsync(WebSocket socket, LiveFeed.Subscription subscription, IHostApplicationLifetime lifetime, Task reading)
    {
        var (status, reason) = lifetime.ApplicationStopping.IsCancellationRequested
            ? (WebSocketCloseStatus.EndpointUnavailable, "The server is stopping; connect again.")
            : subscription.Messages.Completion.IsCompleted
                ? (WebSocketCloseStatus.PolicyViolation, "Too slow; connect again and catch up over REST.")
                : (WebSocketCloseStatus.NormalClosure, "");
        using var patience = new CancellationTokenSource(CloseTimeout);
        try
        {
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
}
