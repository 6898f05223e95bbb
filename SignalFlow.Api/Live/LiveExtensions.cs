using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Access;
using SignalFlow.Api.Requests;

namespace SignalFlow.Api.Live;

internal static class LiveExtensions
{
    private const int MaxHubMessageBytes = 16 << 10;

    public static IHostApplicationBuilder AddLive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<LiveOptions, LiveOptions.Validator>().BindConfiguration(LiveOptions.Section);
        builder.Services.AddSingleton(provider => provider.GetRequiredService<IOptions<LiveOptions>>().Value);
        builder.Services.AddSingleton<LiveMetrics>();
        builder.Services.AddSingleton<LiveLimits>();
        builder.Services.AddSingleton<LiveSnapshots>();
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddSingleton<LiveGate>();
        builder.Services.AddHostedService<LiveSource>();
        builder.Services.AddHostedService<LiveClock>();
        builder.Services.AddHostedService<LiveCredentials>();
        builder.Services.AddSingleton<HubLifetimeManager<PostsHub>, LiveHubConnections>();
        builder.Services.AddSingleton<HubFaults>();
        // It writes an error with a stack for every filter that a client got wrong; HubFaults logs the rest.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None);
        builder.Services
            .AddSignalR(hub =>
            {
                hub.MaximumReceiveMessageSize = MaxHubMessageBytes;
                hub.AddFilter<HubFaults>();
            })
            .AddJsonProtocol()
            .AddMessagePackProtocol(protocol => protocol.SerializerOptions = MessagePackSerializerOptions.Standard
                .WithResolver(CompositeResolver.Create([new LivePayload.Formatter()], [StandardResolver.Instance]))
                .WithSecurity(MessagePackSecurity.UntrustedData));
        return builder;
    }

    public static void MapLive(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/ws/posts", WebSocketEndpoint.ServeAsync).RequireAccess(Policies.Live).WithMetadata(new PlacelessEndpoint()).DisableRequestTimeout()
            .WithTags("Live").ExcludeFromDescription();
        endpoints.MapGet("/api/stream", EventStreamEndpoint.ServeAsync).RequireAccess(Policies.Live).WithMetadata(new PlacelessEndpoint())
            .DisableRequestTimeout().WithTags("Live").WithName("StreamPosts")
            .WithSummary("Updates as server-sent events; filters as on the live stream.");
        // Long polling would be a request for every message, and no connection that could be counted.
        endpoints.MapHub<PostsHub>("/hubs/posts", hub => hub.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents)
            .RequireAccess(Policies.Live).WithMetadata(new PlacelessEndpoint()).DisableRequestTimeout().Add(GateHub);
    }

    /// <summary>SignalR's own endpoints take no filters.</summary>
    private static void GateHub(EndpointBuilder endpoint)
    {
        var hub = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async http =>
        {
            var gate = http.RequestServices.GetRequiredService<LiveGate>();
            // Only this request lasts as long as the connection; the others come before it or beside it.
            if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsConnect(http.Request.Method))
            {
                if (gate.Check(http, out _) is { } wrong)
                    await wrong.ExecuteAsync(http);
                else
                    await hub(http);
                return;
            }

            var (_, place, refusal) = await gate.EnterAsync(http);
            if (refusal is not null)
            {
                await refusal.ExecuteAsync(http);
                return;
            }

            using (place)
                await hub(http);
        };
    }
}
