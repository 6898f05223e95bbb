using System.Collections.Concurrent;
using StackExchange.Redis;

namespace SignalFlow.Api.Answers;

/// <summary>
/// Keeps encoded answers for 30 seconds in Redis for all API processes, and for a second in this one. Whoever comes while an answer is being made waits
/// for it, also across processes. Without Redis each process makes its own and keeps it as long. (Decision 20.)
/// </summary>
internal sealed partial class AnswerCache(
    IConnectionMultiplexer redis, IServiceScopeFactory scopes, AnswerCacheMetrics metrics, TimeProvider time, ILogger<AnswerCache> logger)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestMaking = TimeSpan.FromSeconds(30);
    // A process that dies while it makes an answer must not hold up the others for long.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);
    // Redis answers within milliseconds. The client's own time limit is rounded up to its next heartbeat, and for all its users.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    // After Redis has not answered; else every request would wait for it again.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private const int MostNear = 512;

    private readonly ConcurrentDictionary<string, (EncodedAnswer Answer, long At, TimeSpan Lifetime)> _near = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<EncodedAnswer>>> _flights = new(StringComparer.Ordinal);
    private long _restingSince;

    /// <param name="key">Everything that the answer depends on.</param>
    /// <param name="make">Makes it from services of its own scope: it may outlive the request that began it.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    public ValueTask<EncodedAnswer> GetAsync<TQueries>(
        string key, Func<TQueries, CancellationToken, Task<MadeAnswer>> make, CancellationToken cancellationToken)
        where TQueries : notnull
    {
        if (_near.TryGetValue(key, out var near) && time.GetElapsedTime(near.At) < near.Lifetime)
        {
            metrics.Answered(AnswerCacheMetrics.FromProcess);
            return new(near.Answer);
        }

        var flight = _flights.GetOrAdd(key, _ => new(() => FetchAsync(key, make)));
        return new(flight.Value.WaitAsync(cancellationToken));
    }

    /// <summary>What this process has kept itself.</summary>
    public void Forget() => _near.Clear();

    private async Task<EncodedAnswer> FetchAsync<TQueries>(string key, Func<TQueries, CancellationToken, Task<MadeAnswer>> make)
        where TQueries : notnull
    {
        try
        {
            if (await StoredAsync(key) is { } stored)
                return Keep(key, stored, Near);

            using var limit = new CancellationTokenSource(LongestMaking);
            await using var scope = scopes.CreateAsyncScope();
            var made = await make(scope.ServiceProvider.GetRequiredService<TQueries>(), limit.Token);
            metrics.Answered(AnswerCacheMetrics.Made);
            Store(key, made);
            return made.IsWorthKeeping ? Keep(key, made.Answer, IsAway() ? TimeToLive : Near) : made.Answer;
        }
        finally
        {
            _flights.TryRemove(key, out _);
        }
    }

    private EncodedAnswer Keep(string key, EncodedAnswer answer, TimeSpan lifetime)
    {
        if (_near.Count >= MostNear)
            _near.Clear();
        _near[key] = (answer, time.GetTimestamp(), lifetime);
        return answer;
    }

    /// <returns>Null: this process is to make it.</returns>
    private async Task<EncodedAnswer?> StoredAsync(string key)
    {
        if (IsAway())
            return null;
        try
        {
            var database = redis.GetDatabase();
            if ((byte[]?)await database.StringGetAsync(key).WaitAsync(Patience) is { } stored)
                return Read(stored);
            if (await database.StringSetAsync(LeadKey(key), "", Lead, When.NotExists).WaitAsync(Patience))
            {
                // Who made it may have ended between the two questions.
                if ((byte[]?)await database.StringGetAsync(key).WaitAsync(Patience) is not { } late)
                    return null;
                _ = database.KeyDeleteAsync(LeadKey(key), CommandFlags.FireAndForget);
                return Read(late);
            }

            for (var left = Lead; left > TimeSpan.Zero; left -= Look)
            {
                await Task.Delay(Look);
                var values = await database.StringGetAsync([key, LeadKey(key)]).WaitAsync(Patience);
                if ((byte[]?)values[0] is { } other)
                    return Read(other);
                if (values[1].IsNull)
                    return null;
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogResting(Rest, exception);
            Volatile.Write(ref _restingSince, time.GetTimestamp());
        }

        return null;
    }

    private bool IsAway() =>
        !redis.IsConnected || (Volatile.Read(ref _restingSince) is not 0 and var since && time.GetElapsedTime(since) < Rest);

    private void Store(string key, MadeAnswer made)
    {
        if (IsAway())
            return;
        // Not the methods that write at once: they wait, and fail, where Redis reads no more.
        var database = redis.GetDatabase();
        if (made.IsWorthKeeping)
            _ = database.StringSetAsync(key, made.Answer.Body, TimeToLive, flags: CommandFlags.FireAndForget);
        _ = database.KeyDeleteAsync(LeadKey(key), CommandFlags.FireAndForget);
    }

    private EncodedAnswer Read(byte[] body)
    {
        metrics.Answered(AnswerCacheMetrics.FromRedis);
        return EncodedAnswer.Of(body);
    }

    private static RedisKey LeadKey(string key) => key + ":making";

    [LoggerMessage(LogLevel.Warning, "Redis does not answer; kept answers are not looked up for {Rest}")]
    private partial void LogResting(TimeSpan rest, Exception exception);
}

/// <param name="Answer">The answer.</param>
/// <param name="IsWorthKeeping">False: it will soon be another one.</param>
internal sealed record MadeAnswer(EncodedAnswer Answer, bool IsWorthKeeping = true);
