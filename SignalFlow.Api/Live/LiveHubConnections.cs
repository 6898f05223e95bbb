using Microsoft.AspNetCore.SignalR;

namespace SignalFlow.Api.Live;

/// <summary>
/// Hands a hub its connection. Writing to it is awaited until the transport has taken the message; <c>Clients.Caller</c> would queue without bound behind
/// a client that does not read.
/// </summary>
internal sealed class LiveHubConnections(ILogger<DefaultHubLifetimeManager<PostsHub>> logger) : DefaultHubLifetimeManager<PostsHub>(logger)
{
    private static readonly object Key = new();

    public static HubConnectionContext Of(HubCallerContext caller) => (HubConnectionContext)caller.Items[Key]!;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Items[Key] = connection;
        return base.OnConnectedAsync(connection);
    }
}
