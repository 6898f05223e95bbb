using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Live;

/// <summary>One state of a post, and its JSON as processing wrote it; shared by everybody whom it is sent to.</summary>
/// <param name="View">The state.</param>
/// <param name="Json">The same, encoded.</param>
/// <param name="Sequence">Of the batch that it came with; 0 when it was read from the database.</param>
/// <param name="CommittedAt">When the database had it; null when that is not known.</param>
internal sealed record LivePost(PostView View, byte[] Json, long Sequence, DateTimeOffset? CommittedAt)
{
    public string Id => View.Id;
}

/// <summary>What processing published of one batch.</summary>
/// <param name="Sequence">Its place.</param>
/// <param name="Posts">What it changed.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsAfterLoss">Updates before it were lost.</param>
/// <param name="TraceParent">The span of processing that sent it; null: there is none, or it did not say.</param>
internal sealed record LiveBatch(long Sequence, IReadOnlyList<LivePost> Posts, int Bytes, bool IsAfterLoss, string? TraceParent)
{
    /// <returns>Null: it is not one of ours.</returns>
    public static LiveBatch? Read(ReadOnlySpan<byte> message)
    {
        try
        {
            return ReadObject(message);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static LiveBatch? ReadObject(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        long? sequence = null;
        var isAfterLoss = false;
        DateTimeOffset? committedAt = null;
        string? traceParent = null;
        var posts = new List<LivePost>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sequence"u8) && reader.Read())
                sequence = reader.GetInt64();
            else if (reader.ValueTextEquals(LiveLog.AfterLossField) && reader.Read())
                isAfterLoss = reader.GetBoolean();
            else if (reader.ValueTextEquals("committed_at"u8) && reader.Read())
                committedAt = reader.GetDateTimeOffset();
            else if (reader.ValueTextEquals("traceparent"u8) && reader.Read())
                traceParent = reader.GetString();
            else if (reader.ValueTextEquals("posts"u8) && reader.Read())
                ReadPosts(ref reader, message, posts, sequence ?? 0, committedAt);
            else
                reader.Skip();
        }

        return sequence is { } known ? new(known, posts, message.Length, isAfterLoss, traceParent) : null;
    }

    /// <summary>The sequence and the time stand before the posts.</summary>
    private static void ReadPosts(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> message, List<LivePost> posts, long sequence, DateTimeOffset? committedAt)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            var view = JsonSerializer.Deserialize(ref reader, ContractsJsonContext.Default.PostView)!;
            // A copy: a slice would keep its whole batch in memory for as long as one client waits for the post.
            posts.Add(new(view, message[start..(int)reader.BytesConsumed].ToArray(), sequence, committedAt));
        }
    }
}
