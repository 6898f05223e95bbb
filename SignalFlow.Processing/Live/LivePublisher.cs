using System.Text.Json;
using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Processing.Live;

/// <summary>Tells every API process what a batch changed, over Redis pub/sub.</summary>
internal sealed partial class LivePublisher(IConnectionMultiplexer redis, ILogger<LivePublisher> logger)
{
    private static readonly RedisChannel Channel = RedisChannel.Literal(LiveUpdate.Channel);

    /// <summary>Does not wait: viewers who miss a message see the same state with the next one, and the database has it.</summary>
    public void Publish(IReadOnlyList<PostView> posts)
    {
        if (posts.Count == 0 || !redis.IsConnected)
            return;
        var message = JsonSerializer.SerializeToUtf8Bytes(new LiveUpdate { Posts = posts }, ContractsJsonContext.Default.LiveUpdate);
        try
        {
            redis.GetSubscriber().Publish(Channel, message, CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            // Nothing after the commit may fail the batch.
            LogLost(exception.Message, posts.Count);
        }
    }

    [LoggerMessage(LogLevel.Warning, "An update of {Posts} posts did not reach the viewers: {Reason}")]
    private partial void LogLost(string reason, int posts);
}
