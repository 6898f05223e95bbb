using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Processing.DeadLetters;

/// <summary>Tells records that are replays of a dead letter from all others.</summary>
internal static class ReplayedLetter
{
    /// <summary>Null for a record that is no replay, or does not say clearly of what.</summary>
    public static LetterReplay? Of(Headers? headers)
    {
        // Nearly no record has these, and every record is asked.
        if (headers is null
            || !headers.TryGetLastBytes(DeadLetterHeaders.ReplayOf, out var letter)
            || !headers.TryGetLastBytes(DeadLetterHeaders.Replay, out var replay))
            return null;
        return long.TryParse(Text(letter), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && int.TryParse(Text(replay), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new(id, number)
                : null;
    }

    /// <summary>The replays among records, but for those that are not stored.</summary>
    public static List<StoredReplay> Stored(
        IReadOnlyList<ConsumeResult<byte[], byte[]>> records, List<(ConsumeResult<byte[], byte[]> Record, Decoding.Poison Poison)> refused)
    {
        var replays = new List<StoredReplay>();
        foreach (var record in records)
        {
            if (Of(record.Message.Headers) is { } replay && !refused.Exists(poison => ReferenceEquals(poison.Record, record)))
                replays.Add(new(replay, Print(record.Message)));
        }

        return replays;
    }

    /// <summary>Tells two records of one position, or of one header, apart.</summary>
    public static long Print(Message<byte[], byte[]> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        // The length first, so that no key continues in the value.
        BinaryPrimitives.WriteInt32LittleEndian(bytes, message.Key?.Length ?? -1);
        hash.AppendData(bytes[..sizeof(int)]);
        hash.AppendData(message.Key ?? []);
        hash.AppendData(message.Value ?? []);
        hash.GetHashAndReset(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private static string Text(byte[]? bytes) => bytes is null ? "" : Encoding.UTF8.GetString(bytes);
}
