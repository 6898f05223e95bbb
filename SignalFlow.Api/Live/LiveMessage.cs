using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace SignalFlow.Api.Live;

/// <summary>One message to clients; encoded when the first one takes it, and once for each protocol however many take it.</summary>
internal sealed class LiveMessage
{
    public const string Update = "posts.update";
    public const string SnapshotType = "snapshot";

    private readonly Lazy<byte[]> _json;
    private readonly Lazy<SerializedHubMessage> _hub;

    private LiveMessage(string type, long? sequence, IReadOnlyList<LivePost> posts, Func<byte[]> encode, LivePush? push = null)
    {
        Type = type;
        Sequence = sequence;
        Posts = posts;
        Push = push;
        _json = new(encode);
        _hub = new(() => new(new InvocationMessage(type, [new LivePayload(_json.Value)])));
        foreach (var post in posts)
        {
            CommittedAt = CommittedAt is null || post.CommittedAt < CommittedAt ? post.CommittedAt : CommittedAt;
            MinSequence = Math.Min(MinSequence, post.Sequence);
            MinPolledAt = post.View.LastPolledAt < MinPolledAt ? post.View.LastPolledAt : MinPolledAt;
        }
    }

    public string Type { get; }

    /// <summary>Whoever has this message has all up to there; null when it says nothing of that.</summary>
    public long? Sequence { get; }

    public IReadOnlyList<LivePost> Posts { get; }

    /// <summary>When the database had the oldest of its states.</summary>
    public DateTimeOffset? CommittedAt { get; }

    public long MinSequence { get; } = long.MaxValue;

    public DateTimeOffset MinPolledAt { get; } = DateTimeOffset.MaxValue;

    /// <summary>The span of its way to its clients; null: not traced.</summary>
    public LivePush? Push { get; }

    public byte[] Json => _json.Value;

    public SerializedHubMessage Hub => _hub.Value;

    /// <param name="type">An update or a snapshot.</param>
    /// <param name="posts">Its states.</param>
    /// <param name="sequence">See <see cref="Sequence"/>.</param>
    /// <param name="push">See <see cref="Push"/>.</param>
    public static LiveMessage OfPosts(string type, IReadOnlyList<LivePost> posts, long? sequence, LivePush? push = null)
    {
        LiveMessage message = null!;
        message = new(type, sequence, posts, () => Encode(json =>
        {
            json.WriteString("type"u8, type);
            if (sequence is { } known)
                json.WriteNumber("sequence"u8, known);
            if (type == Update && message.CommittedAt is { } committedAt)
                json.WriteString("committed_at"u8, committedAt);
            if (push is not null)
                json.WriteString("traceparent"u8, push.TraceParent);
            json.WriteStartArray("posts"u8);
            foreach (var post in posts)
                json.WriteRawValue(post.Json, skipInputValidation: true);
            json.WriteEndArray();
        }, posts.Sum(post => post.Json.Length + 1)), push);
        return message;
    }

    public static LiveMessage Status(bool isLive, long? sequence) => Notice("status", sequence, json => json.WriteBoolean("live"u8, isLive));

    public static LiveMessage Heartbeat(long? sequence) => Notice("heartbeat", sequence, _ => { });

    /// <param name="posts">How many states were passed over; null when nobody knows.</param>
    /// <param name="snapshotFollows">Else the client has to ask for one.</param>
    public static LiveMessage Missed(int? posts, bool snapshotFollows) => Notice("missed", null, json =>
    {
        if (posts is { } count)
            json.WriteNumber("posts"u8, count);
        else
            json.WriteNull("posts"u8);
        json.WriteBoolean("snapshot"u8, snapshotFollows);
    });

    public static LiveMessage Subscribed(LiveFilter filter) => Notice("subscribed", null, json =>
    {
        WriteTexts(json, "subreddits", filter.Subreddits);
        WriteTexts(json, "tiers", filter.Tiers);
        WriteTexts(json, "phases", filter.Phases);
        if (filter.MinScore is { } least)
            json.WriteNumber("min_score"u8, least);
        else
            json.WriteNull("min_score"u8);
        json.WriteBoolean("trending"u8, filter.TrendingOnly);
        WriteTexts(json, "keywords", filter.Keywords);
    });

    public static LiveMessage Error(Dictionary<string, string[]> errors) => Notice("error", null, json =>
    {
        json.WriteStartObject("errors"u8);
        foreach (var (field, texts) in errors)
            WriteTexts(json, field, texts);
        json.WriteEndObject();
    });

    private static LiveMessage Notice(string type, long? sequence, Action<Utf8JsonWriter> write) => new(type, sequence, [], () => Encode(json =>
    {
        json.WriteString("type"u8, type);
        if (sequence is { } known)
            json.WriteNumber("sequence"u8, known);
        write(json);
    }, 64));

    private static void WriteTexts(Utf8JsonWriter json, string name, string[] texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static byte[] Encode(Action<Utf8JsonWriter> write, int size)
    {
        var buffer = new ArrayBufferWriter<byte>(size + 128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
