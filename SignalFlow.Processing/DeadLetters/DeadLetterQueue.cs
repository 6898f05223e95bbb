using System.Globalization;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Processing.DeadLetters;

/// <summary>Sends records that can never be processed to <see cref="KafkaTopics.DeadLetter"/>, unchanged, with their error context.</summary>
internal sealed partial class DeadLetterQueue(
    LastingProducer<byte[], byte[]> producer, ProcessingMetrics metrics, TimeProvider time, ILogger<DeadLetterQueue> logger)
{
    private const int MaxMessageBytes = 1024;
    private const int TruncatedBytes = 65_536;

    /// <summary>Returns when the broker has persisted every letter: only then may their offsets move on.</summary>
    /// <exception cref="KafkaException">At least one letter was not persisted.</exception>
    public async Task SendAsync(
        IReadOnlyCollection<(ConsumeResult<byte[], byte[]> Record, Poison Poison)> letters, CancellationToken cancellationToken)
    {
        // The letters keep the context of the records that they were.
        using var activity = KafkaActivity.Send(KafkaTopics.DeadLetter, letters.Count);
        // Produced together and awaited together: one round trip, not one per letter.
        await producer.UseAsync(kafka => Task.WhenAll(letters.Select(letter => SendAsync(kafka, letter.Record, letter.Poison))).WaitAsync(cancellationToken));
        foreach (var (record, poison) in letters)
        {
            metrics.DeadLettered(poison.Class);
            LogDeadLetter(record.TopicPartitionOffset, poison.Class, poison.Message);
        }
    }

    /// <summary>
    /// A topic made by others may not have room for a message and its error context; its beginning tells more than nothing, and standing
    /// still for ever would hold up every good record behind it.
    /// </summary>
    private async Task SendAsync(IProducer<byte[], byte[]> kafka, ConsumeResult<byte[], byte[]> record, Poison poison)
    {
        if (await TryProduceAsync(kafka, Letter(record, poison)))
            return;
        LogTruncated(record.TopicPartitionOffset, record.Message.Value?.Length ?? 0);
        if (await TryProduceAsync(kafka, Truncated(Letter(record, poison), record)))
            return;
        // Not the value is what is too large, so the producer's own headers go, and a key that nobody can work with.
        var rest = Truncated(Letter(record, poison, withHeaders: false), record);
        if (rest.Key?.Length > TruncatedBytes)
            rest.Key = null!;
        await kafka.ProduceAsync(KafkaTopics.DeadLetter, rest);
    }

    private static async Task<bool> TryProduceAsync(IProducer<byte[], byte[]> kafka, Message<byte[], byte[]> letter)
    {
        try
        {
            await kafka.ProduceAsync(KafkaTopics.DeadLetter, letter);
            return true;
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            return false;
        }
    }

    private static Message<byte[], byte[]> Truncated(Message<byte[], byte[]> letter, ConsumeResult<byte[], byte[]> record)
    {
        letter.Value = record.Message.Value is { Length: > TruncatedBytes } value ? value[..TruncatedBytes] : record.Message.Value!;
        letter.Headers.Add(DeadLetterHeaders.Truncated, "true"u8.ToArray());
        return letter;
    }

    private Message<byte[], byte[]> Letter(ConsumeResult<byte[], byte[]> record, Poison poison, bool withHeaders = true)
    {
        var headers = new Headers();
        var attempt = 1;
        foreach (var header in record.Message.Headers ?? [])
        {
            if (header.Key == DeadLetterHeaders.Attempt)
            {
                // A replayed letter failed again.
                if (int.TryParse(Encoding.UTF8.GetString(header.GetValueBytes()), CultureInfo.InvariantCulture, out var earlier))
                    attempt = earlier + 1;
            }
            else if (header.Key is DeadLetterHeaders.ReplayOf or DeadLetterHeaders.Replay
                || withHeaders && !header.Key.StartsWith("sf-", StringComparison.Ordinal))
            {
                headers.Add(header.Key, header.GetValueBytes());
            }
        }

        Add(DeadLetterHeaders.ErrorClass, poison.Class);
        Add(DeadLetterHeaders.ErrorMessage, Shorten(poison.Message));
        Add(DeadLetterHeaders.SourceTopic, record.Topic);
        Add(DeadLetterHeaders.SourcePartition, record.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Add(DeadLetterHeaders.SourceOffset, record.Offset.Value.ToString(CultureInfo.InvariantCulture));
        Add(DeadLetterHeaders.FailedAt, time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        Add(DeadLetterHeaders.Attempt, attempt.ToString(CultureInfo.InvariantCulture));
        return new() { Key = record.Message.Key!, Value = record.Message.Value!, Headers = headers };

        void Add(string key, string value) => headers.Add(key, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>At most 1 KiB of UTF-8, never cutting a character.</summary>
    internal static string Shorten(string message)
    {
        if (Encoding.UTF8.GetByteCount(message) <= MaxMessageBytes)
            return message;
        Span<byte> bytes = stackalloc byte[MaxMessageBytes];
        Encoding.UTF8.GetEncoder().Convert(message, bytes, flush: true, out var used, out _, out _);
        return message[..used];
    }

    [LoggerMessage(LogLevel.Error, "The dead-letter topic does not take {Source} with its {Bytes} bytes; only their beginning is kept")]
    private partial void LogTruncated(TopicPartitionOffset source, int bytes);

    [LoggerMessage(LogLevel.Warning, "Dead-lettered {Source}: {ErrorClass}: {Reason}")]
    private partial void LogDeadLetter(TopicPartitionOffset source, string errorClass, string reason);
}
