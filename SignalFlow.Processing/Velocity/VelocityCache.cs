using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Sentiment;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Posts;
using StackExchange.Redis;

namespace SignalFlow.Processing.Velocity;

/// <summary>
/// The states of posts and the features of their texts in Redis, about 300 bytes each: one MGET before a batch, pipelined SETs after its
/// commit. Only a cache of the database: the writer's guard notices a stale entry, so losing, flushing or stopping Redis changes no result.
/// </summary>
internal sealed partial class VelocityCache(IConnectionMultiplexer redis, TimeProvider time, ILogger<VelocityCache> logger)
{
    // The state, the length of the signal's state; the number of its observations and the state itself, if it is known; then, if the text has been
    // analysed, its print, four scores, its topic and its keywords.
    private const int StateSize = 41;
    private const int TextHeader = 45;
    private const int HasTopic = 1;
    private const int IsUnreliable = 2;
    private const char Separator = '\x1f';
    private const string KeyPrefix = "signalflow:post:";

    // Posts are refreshed for a day, every two hours at last.
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(26);
    // A Redis that hangs would cost every batch its timeout.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SizeInterval = TimeSpan.FromSeconds(10);

    private long _restingUntil;
    private long _sizeDue;
    private long _size;

    /// <summary>Keys in Redis when last asked; nearly all of them are states.</summary>
    public long Size => Volatile.Read(ref _size);

    /// <summary>The cached states of those of <paramref name="ids"/> that are cached; empty while Redis is away.</summary>
    public async Task<Dictionary<string, KnownPost>> GetAsync(string[] ids)
    {
        var states = new Dictionary<string, KnownPost>(ids.Length);
        if (IsResting())
            return states;
        using var activity = RedisActivity.Start("MGET");
        try
        {
            var values = await redis.GetDatabase().StringGetAsync(Array.ConvertAll(ids, Key));
            for (var index = 0; index < ids.Length; index++)
            {
                if ((byte[]?)values[index] is { Length: >= StateSize } entry)
                    states.Add(ids[index], Decode(entry));
            }
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            Volatile.Write(ref _restingUntil, time.GetTimestamp() + (long)(Rest.TotalSeconds * time.TimestampFrequency));
            LogAway(exception.Message);
        }

        return states;
    }

    /// <summary>Remembers committed states. Does not wait for Redis: a lost entry is read from the table.</summary>
    public void Set(List<PostUpdate> updates)
    {
        if (IsResting() || !redis.IsConnected)
            return;
        // Of the sending: nobody waits for the answers.
        using var activity = RedisActivity.Start("SET", updates.Count);
        try
        {
            var database = redis.GetDatabase();
            foreach (var update in updates)
                database.StringSet(Key(update.Id), Encode(new(update.State, update.Nlp, update.Surge?.Known)), TimeToLive, flags: CommandFlags.FireAndForget);
            RefreshSize(database);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            LogAway(exception.Message);
        }
    }

    /// <summary>
    /// What is remembered of these posts is not what is stored. Does not wait for Redis: whoever finds an old state is refused by the writer.
    /// </summary>
    public void Forget(string[] ids)
    {
        if (IsResting() || !redis.IsConnected)
            return;
        try
        {
            redis.GetDatabase().KeyDelete(Array.ConvertAll(ids, Key), CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            LogAway(exception.Message);
        }
    }

    internal static byte[] Encode(KnownPost post)
    {
        var keywords = post.Nlp is null ? "" : string.Join(Separator, post.Nlp.Keywords);
        var surge = post.Surge is { } known ? sizeof(int) + known.State.Length : 0;
        var entry = new byte[StateSize + surge + (post.Nlp is null ? 0 : TextHeader + Encoding.UTF8.GetByteCount(keywords))];
        Write(entry, post.State.Last);
        // Two observations have different instants, so a previous one equal to the last means none.
        Write(entry.AsSpan(16), post.State.Previous ?? post.State.Last);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(32), post.State.FirstSeen);
        entry[40] = checked((byte)surge);
        if (post.Surge is not null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(StateSize), post.Surge.Folded);
            post.Surge.State.CopyTo(entry, StateSize + sizeof(int));
        }

        if (post.Nlp is not { } nlp)
            return entry;

        var text = entry.AsSpan(StateSize + surge);
        BinaryPrimitives.WriteInt64LittleEndian(text, nlp.TextPrint);
        BinaryPrimitives.WriteDoubleLittleEndian(text[8..], nlp.SentimentScore);
        BinaryPrimitives.WriteDoubleLittleEndian(text[16..], nlp.Negative);
        BinaryPrimitives.WriteDoubleLittleEndian(text[24..], nlp.Neutral);
        BinaryPrimitives.WriteDoubleLittleEndian(text[32..], nlp.Positive);
        BinaryPrimitives.WriteInt32LittleEndian(text[40..], nlp.TopicCluster ?? 0);
        text[44] = (byte)((nlp.TopicCluster is null ? 0 : HasTopic) | (nlp.IsSentimentReliable ? 0 : IsUnreliable));
        Encoding.UTF8.GetBytes(keywords, text[TextHeader..]);
        return entry;
    }

    internal static KnownPost Decode(ReadOnlySpan<byte> entry)
    {
        var last = Read(entry);
        var previous = Read(entry[16..]);
        var state = new PostState(last, previous.At == last.At ? null : previous, BinaryPrimitives.ReadInt64LittleEndian(entry[32..]));
        var rest = entry[StateSize..];
        var surge = entry[40] == 0
            ? null
            : new KnownSurge(BinaryPrimitives.ReadInt32LittleEndian(rest), rest[sizeof(int)..entry[40]].ToArray());
        var text = rest[entry[40]..];
        if (text.Length < TextHeader)
            return new(state, null, surge);

        var compound = BinaryPrimitives.ReadDoubleLittleEndian(text[8..]);
        var keywords = Encoding.UTF8.GetString(text[TextHeader..]);
        return new(state, new(compound, SentimentLabel.Of(compound), keywords.Length == 0 ? [] : keywords.Split(Separator))
        {
            TextPrint = BinaryPrimitives.ReadInt64LittleEndian(text),
            Negative = BinaryPrimitives.ReadDoubleLittleEndian(text[16..]),
            Neutral = BinaryPrimitives.ReadDoubleLittleEndian(text[24..]),
            Positive = BinaryPrimitives.ReadDoubleLittleEndian(text[32..]),
            IsSentimentReliable = (text[44] & IsUnreliable) == 0,
            TopicCluster = (text[44] & HasTopic) == 0 ? null : BinaryPrimitives.ReadInt32LittleEndian(text[40..]),
        }, surge);
    }

    private static void Write(Span<byte> entry, Sample sample)
    {
        BinaryPrimitives.WriteInt64LittleEndian(entry, sample.At);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], sample.Score);
        BinaryPrimitives.WriteInt32LittleEndian(entry[12..], sample.Comments);
    }

    private static Sample Read(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadInt64LittleEndian(entry),
        BinaryPrimitives.ReadInt32LittleEndian(entry[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(entry[12..]));

    private static RedisKey Key(string id) => KeyPrefix + id;

    private bool IsResting() => time.GetTimestamp() < Volatile.Read(ref _restingUntil);

    private void RefreshSize(IDatabase database)
    {
        var now = time.GetTimestamp();
        if (now < Volatile.Read(ref _sizeDue))
            return;
        Volatile.Write(ref _sizeDue, now + (long)(SizeInterval.TotalSeconds * time.TimestampFrequency));
        _ = ReadSizeAsync(database);
    }

    private async Task ReadSizeAsync(IDatabase database)
    {
        try
        {
            Volatile.Write(ref _size, (long)await database.ExecuteAsync("DBSIZE"));
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            // The gauge keeps its last value; the health check tells that Redis is away.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis does not answer ({Reason}); states come from the database meanwhile")]
    private partial void LogAway(string reason);
}
