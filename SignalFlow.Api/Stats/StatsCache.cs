using System.Text.Json;
using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Api.Stats;

/// <summary>Keeps answers for 30 seconds in Redis, for all API processes. Without Redis every request asks the database.</summary>
internal sealed class StatsCache(IConnectionMultiplexer redis)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(30);

    public async Task<StatsView?> GetAsync(StatsRange range)
    {
        try
        {
            var cached = (byte[]?)await redis.GetDatabase().StringGetAsync(Key(range));
            return cached is null ? null : JsonSerializer.Deserialize(cached, ContractsJsonContext.Default.StatsView);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or JsonException)
        {
            return null;
        }
    }

    public void Set(StatsView view)
    {
        if (redis.IsConnected)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(view, ContractsJsonContext.Default.StatsView);
            redis.GetDatabase().StringSet(Key(view.Range), bytes, TimeToLive, flags: CommandFlags.FireAndForget);
        }
    }

    private static RedisKey Key(StatsRange range) => $"signalflow:stats:{range.Start:yyyy-MM-dd}:{range.End:yyyy-MM-dd}";
}
