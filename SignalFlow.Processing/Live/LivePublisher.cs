using System.Diagnostics;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;
using StackExchange.Redis;

namespace SignalFlow.Processing.Live;

/// <summary>
/// Tells every API process what a batch changed: adds it to the log in Redis and publishes it. Never waits for Redis. What could not be told leaves a
/// hole in the sequence as soon as Redis answers again, so that readers know of it and look into the database, which has everything.
/// </summary>
internal sealed partial class LivePublisher(
    IConnectionMultiplexer redis, ProcessingMetrics metrics, TimeProvider time, ILogger<LivePublisher> logger) : BackgroundService
{
    // What a Redis that hangs may hold of this process's memory.
    private const int MostInFlight = 16;

    private static readonly TimeSpan CatchUpInterval = TimeSpan.FromSeconds(1);

    // For readers that come back after a short while; later ones read the database.
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(30);

    private static readonly RedisKey[] Keys = [LiveLog.Head, LiveLog.Entries];

    // The list expires and the head does not, so with the first entry its size begins anew.
    private const string Append = $$"""
        if redis.call('HSETNX', KEYS[1], '{{LiveLog.SequenceField}}', ARGV[1]) == 1 then
          redis.call('DEL', KEYS[2])
        end
        local loss = ''
        if ARGV[2] == '1' then
          loss = '"{{LiveLog.AfterLossField}}":true,'
          redis.call('DEL', KEYS[2])
          redis.call('HINCRBY', KEYS[1], '{{LiveLog.SequenceField}}', 1)
        end
        local sequence = string.format('%.0f', redis.call('HINCRBY', KEYS[1], '{{LiveLog.SequenceField}}', 1))
        local message = '{"sequence":' .. sequence .. ',' .. loss .. string.sub(ARGV[3], 2)
        local count = redis.call('RPUSH', KEYS[2], message)
        local bytes = #message
        if count == 1 then
          redis.call('HSET', KEYS[1], '{{LiveLog.BytesField}}', bytes)
        else
          bytes = redis.call('HINCRBY', KEYS[1], '{{LiveLog.BytesField}}', bytes)
        end
        while count > 1 and (count > tonumber(ARGV[4]) or bytes > tonumber(ARGV[5])) do
          local oldest = redis.call('LPOP', KEYS[2])
          count = count - 1
          bytes = redis.call('HINCRBY', KEYS[1], '{{LiveLog.BytesField}}', -#oldest)
        end
        redis.call('EXPIRE', KEYS[2], ARGV[6])
        redis.call('PUBLISH', ARGV[7], message)
        return sequence
        """;

    private int _inFlight;
    private int _lost;

    /// <param name="posts">What a batch changed.</param>
    /// <param name="committedAt">When the database had it.</param>
    public void Publish(IReadOnlyList<PostView> posts, DateTimeOffset committedAt)
    {
        if (posts.Count > 0)
            _ = SendAsync(posts, committedAt);
    }

    /// <summary>Without it viewers would learn of what was lost only with the next batch.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CatchUpInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (Volatile.Read(ref _lost) == 1 && redis.IsConnected)
                    await SendAsync([], time.GetUtcNow());
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task SendAsync(IReadOnlyList<PostView> posts, DateTimeOffset committedAt)
    {
        var inFlight = Interlocked.Increment(ref _inFlight);
        var afterLoss = Interlocked.Exchange(ref _lost, 0);
        using var activity = RedisActivity.Start("EVAL");
        try
        {
            if (inFlight > MostInFlight || !redis.IsConnected)
            {
                activity?.SetStatus(ActivityStatusCode.Error, "not sent");
                Lose(posts.Count);
                return;
            }

            var message = JsonSerializer.SerializeToUtf8Bytes(
                new LiveUpdate { Posts = posts, CommittedAt = committedAt, TraceParent = Activity.Current?.Id }, ContractsJsonContext.Default.LiveUpdate);
            // The script itself, not its hash: a Redis that was restarted does not know the hash.
            await redis.GetDatabase().ScriptEvaluateAsync(
                Append,
                Keys,
                [time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, afterLoss, message,
                    LiveLog.MaxEntries, LiveLog.MaxBytes, (int)TimeToLive.TotalSeconds, LiveLog.Channel],
                CommandFlags.NoScriptCache);
        }
        catch (Exception exception)
        {
            // Nothing after the commit may fail the batch, and nobody awaits this: whatever it was, it is lost and has to be told as such.
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            Lose(posts.Count);
            LogLost(exception.Message, posts.Count);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private void Lose(int posts)
    {
        Volatile.Write(ref _lost, 1);
        metrics.LiveLost(posts);
    }

    [LoggerMessage(LogLevel.Warning, "An update of {Posts} posts did not reach the viewers: {Reason}")]
    private partial void LogLost(string reason, int posts);
}
