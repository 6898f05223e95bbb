using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace SignalFlow.Api.Live;

/// <summary>
/// <c>/hubs/posts</c>: the same messages as on <c>/ws/posts/</c>, each one an invocation of its type's name with the message as its argument.
/// </summary>
internal sealed class PostsHub(LiveFeed feed, LiveMetrics metrics, LiveOptions options, TimeProvider time, IHostApplicationLifetime lifetime) : Hub
{
    private static readonly object ClientKey = new();

    public override Task OnConnectedAsync()
    {
        // The gate has parsed the same query.
        if (!LiveRequest.TryParse(Context.GetHttpContext()!.Request.Query, out var request, out _))
            throw new InvalidOperationException("The gate has let a wrong query through.");
        var client = new Client(request, options, metrics, time, LiveHubConnections.Of(Context))
        {
            ExpiresAt = LiveGate.ExpiryOf(Context.User),
            Credential = LiveCredential.Of(Context.User),
        };
        Context.Items[ClientKey] = client;
        feed.Join(client);
        _ = AbortAtEndAsync(client, Context, lifetime.ApplicationStopping);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items.TryGetValue(ClientKey, out var known) && known is Client client)
        {
            client.End(LiveEnd.Gone);
            feed.Leave(client);
        }

        return Task.CompletedTask;
    }

    /// <summary>Changes what the connection sees.</summary>
    /// <exception cref="HubException">Names the fields that are wrong.</exception>
    public void Subscribe(LivePayload? filter)
    {
        var client = (Client)Context.Items[ClientKey]!;
        using var document = Read(filter);
        if (!LiveRequest.TryParse(document.RootElement, out var request, out var errors))
            throw new HubException(string.Join(' ', errors.Values.SelectMany(texts => texts)));
        feed.Change(client, request);
    }

    private static JsonDocument Read(LivePayload? filter)
    {
        try
        {
            return JsonDocument.Parse(filter?.Json ?? "null"u8.ToArray());
        }
        catch (JsonException)
        {
            // MessagePack has numbers that JSON has not.
            throw new HubException("The filter is not JSON.");
        }
    }

    private static async Task AbortAtEndAsync(Client client, HubCallerContext context, CancellationToken stopping)
    {
        await using var stop = stopping.Register(() => client.End(LiveEnd.Stopping));
        // At a stop SignalR says goodbye itself.
        if (await client.Ended is LiveEnd.Expired or LiveEnd.Revoked or LiveEnd.TooSlow)
            context.Abort();
    }

    private sealed class Client(LiveRequest request, LiveOptions options, LiveMetrics metrics, TimeProvider time, HubConnectionContext connection)
        : LiveClient(request, options, metrics, time, LiveTransport.SignalR)
    {
        public override bool IsTold => true;

        /// <summary>SignalR has its own.</summary>
        public override bool HasHeartbeat => false;

        protected override async ValueTask<int> SendAsync(LiveMessage message)
        {
            await connection.WriteAsync(message.Hub, connection.ConnectionAborted);
            // A client that has gone is not told so by the write.
            connection.ConnectionAborted.ThrowIfCancellationRequested();
            return message.Hub.GetSerializedMessage(connection.Protocol).Length;
        }
    }
}
