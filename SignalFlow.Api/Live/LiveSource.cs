using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Api.Live;

/// <summary>
/// Brings the updates from Redis: what is published, and from the log what was published without our hearing it. The log is looked at twice a second, so
/// that neither a lost subscription nor a Redis that came back empty goes unnoticed.
/// </summary>
internal sealed partial class LiveSource(IConnectionMultiplexer redis, LiveFeed feed, LiveOptions options, TimeProvider time, ILogger<LiveSource> logger)
    : BackgroundService
{
    private static readonly RedisKey[] Keys = [LiveLog.Head, LiveLog.Entries];
    private static readonly RedisChannel Channel = RedisChannel.Literal(LiveLog.Channel);

    private const string ReadAfter = $$"""
        local sequence = redis.call('HGET', KEYS[1], '{{LiveLog.SequenceField}}')
        if not sequence then return {} end
        local missing = tonumber(sequence) - tonumber(ARGV[1])
        if missing == 0 then return {sequence} end
        if missing < 0 or missing > tonumber(ARGV[2]) then missing = tonumber(ARGV[2]) end
        local entries = redis.call('LRANGE', KEYS[2], -missing, -1)
        table.insert(entries, 1, sequence)
        return entries
        """;

    private bool _isFirst = true;
    private bool _wasAway;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(options.PollInterval, time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        ChannelMessageQueue? queue = null;
        Task<ChannelMessage>? next = null;
        var isDue = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Once subscribed the client subscribes again by itself whenever it reconnects. Before the log is read: nothing falls in between.
                queue ??= await SubscribeAsync();
                next ??= queue.ReadAsync(stoppingToken).AsTask();
                if (isDue)
                    await LookAsync();
                isDue = false;
                await Task.WhenAny(next, tick);
                if (next.IsCompleted)
                {
                    var message = (byte[])(await next).Message!;
                    next = null;
                    await TakeAsync(message);
                }
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                Away(exception.Message);
                await Task.WhenAny(tick);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (tick.IsCompleted)
            {
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                isDue = true;
            }
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync()
    {
        try
        {
            return await redis.GetSubscriber().SubscribeAsync(Channel);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // A failed attempt leaves its queue subscribed; without a reader it would fill up once Redis is back.
            redis.GetSubscriber().Unsubscribe(Channel, flags: CommandFlags.FireAndForget);
            throw;
        }
    }

    private void Away(string reason)
    {
        if (_wasAway)
            return;
        _wasAway = true;
        feed.Report(isLive: false);
        LogAway(reason);
    }

    private async Task TakeAsync(byte[] message)
    {
        // It may be a repeat of what the log told, and if it is not the next one, the log has those between.
        if (LiveBatch.Read(message) is not { } batch)
            LogUnreadable();
        else if (batch.Sequence == feed.Sequence + 1)
            feed.Apply(batch);
        else if (!(batch.Sequence <= feed.Sequence))
            await LookAsync();
    }

    /// <summary>Takes over what the log has and we have not.</summary>
    private async Task LookAsync()
    {
        var known = feed.Sequence;
        var (sequence, batches) = await ReadAsync(known ?? 0);
        if (_isFirst || _wasAway)
        {
            Restart(sequence, batches, _wasAway);
        }
        else if (sequence != known)
        {
            // Where there was nothing before, what there is began meanwhile.
            if (batches is [var first, ..] && (known is null ? !batches.Exists(batch => batch.IsAfterLoss) : first.Sequence == known + 1))
                batches.ForEach(feed.Apply);
            else
                Restart(sequence, batches, wasAway: true);
        }

        feed.Report(isLive: true);
    }

    private void Restart(long? sequence, List<LiveBatch> batches, bool wasAway)
    {
        feed.Restart(sequence, batches, wasAway);
        if (wasAway)
            LogLost();
        (_isFirst, _wasAway) = (false, false);
    }

    /// <returns>The newest sequence, null where there is none, and what leads to it without a hole.</returns>
    private async Task<(long? Sequence, List<LiveBatch> Batches)> ReadAsync(long after)
    {
        var answer = (RedisResult[])(await redis.GetDatabase().ScriptEvaluateAsync(ReadAfter, Keys, [after, LiveLog.MaxEntries], CommandFlags.NoScriptCache))!;
        if (answer.Length == 0)
            return (null, []);
        var sequence = (long)answer[0];
        var batches = new List<LiveBatch>(answer.Length - 1);
        foreach (var entry in answer.AsSpan(1))
        {
            if (LiveBatch.Read((byte[])entry!) is not { } batch)
                continue;
            // Only what leads on without a hole; entries from before one tell nobody anything.
            if (batches is [.., var last] && batch.Sequence != last.Sequence + 1)
                batches.Clear();
            batches.Add(batch);
        }

        if (batches is [.., var newest] && newest.Sequence != sequence)
            batches.Clear();
        return (sequence, batches);
    }

    [LoggerMessage(LogLevel.Warning, "No live updates: Redis does not answer ({Reason})")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Information, "Live updates were lost; live clients are told, and shown what the database has")]
    private partial void LogLost();

    [LoggerMessage(LogLevel.Warning, "Passed over a live update that is not readable")]
    private partial void LogUnreadable();
}
