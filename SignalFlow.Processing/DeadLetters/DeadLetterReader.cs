using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Processing.DeadLetters;

/// <summary>
/// Reads a record of the dead-letter topic. Every record can be read: one that does not say where it comes from, or says it wrongly, was
/// written by others and stands for itself.
/// </summary>
internal static partial class DeadLetterReader
{
    private const string UnknownClass = "unknown";
    // Ids of Reddit are shorter; what is longer belongs to no post.
    private const int MaxPostIdBytes = 64;
    private const int MaxPostIds = 8;
    // Whoever writes more into a header must not make the next attempt overflow.
    private const int MaxAttempt = 1_000_000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static DeadLetter Read(ConsumeResult<byte[], byte[]> record)
    {
        var source = Source(record.Message.Headers) ?? record.TopicPartitionOffset;
        return new()
        {
            SourceTopic = source.Topic,
            SourcePartition = source.Partition.Value,
            SourceOffset = source.Offset.Value,
            RecordPrint = ReplayedLetter.Print(record.Message),
            Key = record.Message.Key,
            Payload = record.Message.Value,
            Headers = OriginalHeaders(record.Message.Headers ?? []),
            PostIds = PostIds(record.Message),
            ErrorClass = Text(record.Message.Headers, DeadLetterHeaders.ErrorClass) is { } name && ClassName().IsMatch(name) ? name : UnknownClass,
            ErrorMessage = DeadLetterQueue.Shorten(Text(record.Message.Headers, DeadLetterHeaders.ErrorMessage) ?? ""),
            FailedAt = FailedAt(record.Message),
            Attempt = int.TryParse(Text(record.Message.Headers, DeadLetterHeaders.Attempt), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
                ? Math.Clamp(attempt, 1, MaxAttempt)
                : 1,
            DlqPartition = record.Partition.Value,
            DlqOffset = record.Offset.Value,
            IsTruncated = record.Message.Headers?.TryGetLastBytes(DeadLetterHeaders.Truncated, out _) == true,
            Replay = ReplayedLetter.Of(record.Message.Headers),
        };
    }

    private static TopicPartitionOffset? Source(Headers? headers) =>
        Text(headers, DeadLetterHeaders.SourceTopic) is { } topic && TopicName().IsMatch(topic)
        && int.TryParse(Text(headers, DeadLetterHeaders.SourcePartition), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
        && long.TryParse(Text(headers, DeadLetterHeaders.SourceOffset), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new(topic, partition, offset)
            : null;

    private static DateTime FailedAt(Message<byte[], byte[]> message) =>
        DateTimeOffset.TryParse(
            Text(message.Headers, DeadLetterHeaders.FailedAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var failedAt)
            ? failedAt.UtcDateTime
            : message.Timestamp.UtcDateTime;

    /// <summary>The last header of that name; null when there is none or it is not text that PostgreSQL can hold.</summary>
    private static string? Text(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out var bytes) ? Text(bytes) : null;

    private static string? Text(byte[]? bytes)
    {
        if (bytes is null || bytes.AsSpan().Contains((byte)0))
            return null;
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string OriginalHeaders(Headers headers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var header in headers.Where(header => !header.Key.StartsWith("sf-", StringComparison.Ordinal)))
            {
                var bytes = header.GetValueBytes();
                var text = Text(bytes);
                json.WriteStartObject();
                // jsonb cannot hold a NUL.
                json.WriteString("key", header.Key.Replace('\0', '\ufffd'));
                json.WriteString("encoding", text is null && bytes is not null ? "base64" : "utf-8");
                if (bytes is null)
                    json.WriteNull("value");
                else
                    json.WriteString("value", text ?? Convert.ToBase64String(bytes));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Every post that the letter may hold content of.</summary>
    private static string[] PostIds(Message<byte[], byte[]> message)
    {
        var ids = new List<string>(2);
        if (message.Key is { Length: > 0 and <= MaxPostIdBytes } key && Text(key) is { } keyed)
            ids.Add(keyed);
        try
        {
            AddIds(ids, message.Value);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, no text, or cut off: what came before counts.
        }

        return [.. ids.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The post's id in a value that need not be whole; all of them, as the last of several is the one that counts.</summary>
    private static void AddIds(List<string> ids, byte[]? value)
    {
        var json = new Utf8JsonReader(value);
        while (json.Read() && ids.Count < MaxPostIds)
        {
            if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals("id"u8))
                continue;
            if (json.Read() && json.TokenType == JsonTokenType.String && json.ValueSpan.Length is > 0 and <= MaxPostIdBytes
                && json.GetString() is { Length: > 0 } id && !id.Contains('\0', StringComparison.Ordinal))
                ids.Add(id);
        }
    }

    // Kafka allows no others.
    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicName();

    [GeneratedRegex(@"^[a-z0-9._-]{1,50}\z")]
    private static partial Regex ClassName();
}
