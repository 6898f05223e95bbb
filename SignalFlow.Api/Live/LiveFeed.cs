using System.Collections.Concurrent;
using System.Threading.Channels;
using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Api.Live;

/// <summary>
/// The live stream of this process: one Redis subscription, fanned out to every viewer in the order of arrival. Messages pass through
/// as the bytes that processing wrote.
/// </summary>
internal sealed partial class LiveFeed(IConnectionMultiplexer redis, LiveMetrics metrics, ILogger<LiveFeed> logger) : BackgroundService
{
    // A viewer this far behind (a minute at one batch a second) is cut off rather than given a stream with holes: it comes back and
    // catches up over REST.
    private const int BufferedMessages = 64;

    private readonly ConcurrentDictionary<Subscription, bool> _subscriptions = [];

    public Subscription Subscribe()
    {
        var subscription = new Subscription(this);
        _subscriptions[subscription] = true;
        metrics.Opened();
        return subscription;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var channel = RedisChannel.Literal(LiveUpdate.Channel);
        for (var wait = TimeSpan.FromSeconds(1); ; wait = TimeSpan.FromSeconds(Math.Min(15, wait.TotalSeconds * 2)))
        {
            try
            {
                // Once subscribed the client subscribes again by itself whenever it reconnects.
                var queue = await redis.GetSubscriber().SubscribeAsync(channel);
                await foreach (var message in queue.WithCancellation(stoppingToken))
                    Broadcast((byte[])message.Message!);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogSubscribeFailed(exception.Message, wait);
                // A failed attempt leaves its queue subscribed; without a reader it would fill up once Redis is back.
                redis.GetSubscriber().Unsubscribe(channel, flags: CommandFlags.FireAndForget);
                await Task.Delay(wait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Broadcast(byte[] message)
    {
        metrics.Received();
        foreach (var subscription in _subscriptions.Keys)
        {
            if (!subscription.TryEnqueue(message))
            {
                metrics.TooSlow();
                subscription.Dispose();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "No live updates: Redis does not answer ({Reason}); trying again in {Wait}")]
    private partial void LogSubscribeFailed(string reason, TimeSpan wait);

    /// <summary>One viewer's place in the stream; its reader ends when the viewer leaves or falls too far behind.</summary>
    public sealed class Subscription(LiveFeed feed) : IDisposable
    {
        private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(BufferedMessages)
        {
            SingleReader = true,
            SingleWriter = true,
            // Never waits: TryWrite's refusal is how a slow viewer shows.
            FullMode = BoundedChannelFullMode.Wait,
        });

        public ChannelReader<byte[]> Messages => _messages.Reader;

        public bool TryEnqueue(byte[] message) => _messages.Writer.TryWrite(message);

        public void Dispose()
        {
            if (feed._subscriptions.TryRemove(this, out _))
            {
                _messages.Writer.TryComplete();
                feed.Forget();
            }
        }
    }

    private void Forget() => metrics.Closed();
}
