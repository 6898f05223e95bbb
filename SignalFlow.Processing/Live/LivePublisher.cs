using System.Text.Json;
using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Processing.Live;

/// <summary>Tells every API process what a batch changed, over Redis pub/sub.</summary>
internal sealed class LivePublisher(IConnectionMultiplexer redis)
{
    private static readonly RedisChannel Channel = RedisChannel.Literal(LiveUpdate.Channel);

    /// <summary>Does not wait: viewers who miss a message see the same state with the next one, and the database has it.</summary>
    public void Publish(IReadOnlyList<PostView> posts)
    {
        if (posts.Count == 0 || !redis.IsConnected)
            return;
        var message = JsonSerializer.SerializeToUtf8Bytes(new LiveUpdate { Posts = posts }, ContractsJsonContext.Default.LiveUpdate);
        redis.GetSubscriber().Publish(Channel, message, CommandFlags.FireAndForget);
    }
}
