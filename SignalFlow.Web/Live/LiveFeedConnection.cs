using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.ServiceDiscovery;
using SignalFlow.Contracts;
using SignalFlow.Web.Access;

namespace SignalFlow.Web.Live;

/// <summary>
/// The one live connection of this process to the API: fills the <see cref="PostFeed"/> and keeps it current. After every
/// connect the newest pages are read once more, so that nothing of a break is missing; the feed drops what it has already.
/// </summary>
internal sealed partial class LiveFeedConnection(
    PostFeed feed, ReadingAccess reading, IHttpClientFactory clients, ServiceEndpointResolver endpoints, WebMetrics metrics, IHostApplicationLifetime lifetime,
    IConfiguration configuration, TimeProvider time, ILogger<LiveFeedConnection> logger) : BackgroundService
{
    public static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(30);

    private const int PageSize = 100;

    /// <summary>A batch of 500 posts is about 0.5 MB; more than this is not our API.</summary>
    private const int MaxMessageBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    /// <summary>Not the client's own, which asks again ever more seldom while pages ask for a sign-in.</summary>
    private static readonly TimeSpan AccessTimeout = TimeSpan.FromSeconds(10);

    // Nobody's: what it reads is shown to all who may read.
    private readonly ApiClient _api = new(clients);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken))
            return;

        var failures = 0;
        var lostAt = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(onLive: () => failures = 0, stoppingToken);
                LogClosed();
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogLost(exception.Message, failures);
            }

            if (failures++ == 0)
                lostAt = time.GetTimestamp();
            metrics.LiveConnected(false);
            // Until the API has said who may read, all pages ask for a sign-in: that is not to last.
            var delay = DelayBeforeAttempt(reading.Known.IsCompleted ? failures : 1, Random.Shared.NextDouble());
            var state = time.GetElapsedTime(lostAt) < OfflineAfter ? LiveState.Reconnecting : LiveState.Offline;
            feed.Report(new(state, time.GetUtcNow() + delay));
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Doubles from half a second to fifteen, each time shortened by up to half, so that many processes do not return at once.</summary>
    internal static TimeSpan DelayBeforeAttempt(int failures, double jitter)
    {
        var seconds = Math.Min(0.5 * Math.Pow(2, Math.Min(failures, 16) - 1), LongestDelay.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - jitter / 2));
    }

    internal static Uri StreamAddress(EndPoint api)
    {
        var http = api switch
        {
            UriEndPoint uri => uri.Uri,
            DnsEndPoint dns => new UriBuilder("http", dns.Host, dns.Port == 0 ? 80 : dns.Port).Uri,
            IPEndPoint ip => new UriBuilder("http", ip.Address.ToString(), ip.Port).Uri,
            _ => throw new InvalidOperationException($"The address '{api}' of service '{ApiClient.ServiceName}' is of an unknown kind."),
        };
        return new UriBuilder(http) { Scheme = http.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = "/ws/posts/" }.Uri;
    }

    /// <summary>In one process with the API, its server listens only after the hosted services have started.</summary>
    private async Task<bool> StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await using var onStopping = stoppingToken.Register(() => started.TrySetResult(false));
        return await started.Task;
    }

    /// <summary>Connects, catches up and applies updates until the API closes or the connection breaks.</summary>
    private async Task FollowAsync(Action onLive, CancellationToken cancellationToken)
    {
        // Before there is anything to show, and also of an API that takes no live connections.
        await LearnAccessAsync(cancellationToken);

        var resolved = await endpoints.GetEndpointsAsync(ApiClient.ServiceAddress.OriginalString, cancellationToken);
        if (resolved.Endpoints.Count == 0)
            throw new InvalidOperationException($"No address is configured for service '{ApiClient.ServiceName}' (services:api:http:0).");
        var address = StreamAddress(resolved.Endpoints[Random.Shared.Next(resolved.Endpoints.Count)].EndPoint);

        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        if (ApiClient.Key(configuration) is { } key)
            socket.Options.SetRequestHeader(ApiClient.KeyHeader, key);
        await socket.ConnectAsync(address, cancellationToken);

        // The stream is open before the pages are read: what happens meanwhile waits in the socket.
        await CatchUpAsync(cancellationToken);
        feed.Report(new(LiveState.Live));
        metrics.LiveConnected(true);
        onLive();
        LogLive(address);

        var message = new ArrayBufferWriter<byte>(64 * 1024);
        while (await ReceiveAsync(socket, message, cancellationToken))
            Apply(message.WrittenSpan);
    }

    private async Task LearnAccessAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AccessTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        reading.NeedsSignIn = !(await _api.GetAccessAsync(either.Token)).PublicRead;
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var before = feed.Posts;
        var page = await _api.GetNewestAsync(PageSize, cancellationToken);
        feed.Apply(page.Results);
        var listed = page.Results.ToList();
        while (page.Next is { } next && page.Results.Count > 0 && listed.Count < PostFeed.Capacity)
        {
            page = await _api.GetPageAsync(next, cancellationToken);
            feed.Apply(page.Results);
            listed.AddRange(page.Results);
        }

        foreach (var posts in listed.Chunk(PageSize))
            feed.Apply(await _api.GetTrailsAsync(posts.Select(post => post.Id), cancellationToken));

        // Nobody told of the posts that were purged during a break, but they are missing. An empty list is rather an empty database.
        if (listed.Count > 0)
            feed.DropUnlisted(before, listed, complete: page.Next is null);
    }

    private static async Task<bool> ReceiveAsync(WebSocket socket, ArrayBufferWriter<byte> message, CancellationToken cancellationToken)
    {
        message.ResetWrittenCount();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(16 * 1024), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                return false;
            }

            message.Advance(part.Count);
            if (message.WrittenCount > MaxMessageBytes)
                throw new InvalidDataException($"A live message is larger than {MaxMessageBytes} bytes.");
            if (part.EndOfMessage)
                return true;
        }
    }

    private void Apply(ReadOnlySpan<byte> message)
    {
        LiveUpdate? update;
        try
        {
            update = JsonSerializer.Deserialize(message, ContractsJsonContext.Default.LiveUpdate);
        }
        catch (JsonException exception)
        {
            LogUnreadable(exception.Message);
            return;
        }

        if (update is not { Type: LiveUpdate.PostsUpdate })
            return;
        using var activity = WebActivity.Apply(update);
        feed.Apply(update.Posts, activity?.Context ?? default);
        metrics.LiveUpdates(update.Posts.Count);
    }

    [LoggerMessage(LogLevel.Information, "Live stream {Address} is connected")]
    private partial void LogLive(Uri address);

    [LoggerMessage(LogLevel.Information, "The API closed the live stream")]
    private partial void LogClosed();

    [LoggerMessage(LogLevel.Warning, "Live stream is away ({Reason}; {Failures} failures before); trying again")]
    private partial void LogLost(string reason, int failures);

    [LoggerMessage(LogLevel.Warning, "Skipped a live message that is not readable: {Reason}")]
    private partial void LogUnreadable(string reason);
}
