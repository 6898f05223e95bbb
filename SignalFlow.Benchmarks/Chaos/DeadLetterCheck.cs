using System.Text;
using Npgsql;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>The dead letters are the planted poison, each once and byte for byte, in the topic and in the table.</summary>
internal sealed class DeadLetterCheck(NpgsqlDataSource dataSource, TopicTap tap, Findings findings)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var rows = new HashSet<string>();
        await using var command = dataSource.CreateCommand(
            "SELECT source_topic, source_partition, source_offset, key, payload, is_truncated, purged_at IS NOT NULL, post_ids FROM dlq_events");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var position = TopicTap.Position(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2));
            if (!rows.Add(position))
                findings.AddDoubled($"the dead letter of {position} is there twice");
            else if (!tap.Poison.TryGetValue(position, out var planted))
                findings.AddWrong($"{position} is a dead letter, and no poison");
            // Of a post that was removed the letter is emptied, too.
            else if (reader.GetBoolean(6) && !reader.GetFieldValue<string[]>(7).Any(id => Names(planted, id) && IsPurged(id)))
                findings.AddWrong($"the dead letter of {position} is emptied, though nobody has removed its post");
            else if (!reader.GetBoolean(5) && !reader.GetBoolean(6) && !(Same(reader, 3, planted.Key) && Same(reader, 4, planted.Value)))
                findings.AddWrong($"the dead letter of {position} is not what was sent");
        }

        foreach (var position in tap.Poison.Keys.Where(position => !rows.Contains(position)))
            findings.AddLost($"the dead letter of {position}");
        foreach (var position in tap.Poison.Keys.Where(position => !tap.Letters.Contains(position)))
            findings.AddLost($"the letter of {position} in the topic");
    }

    private bool IsPurged(string id) => tap.Ledger.Posts.TryGetValue(id, out var post) && post.Purge is not null;

    // The key may be another than the id in the text.
    private static bool Names((byte[]? Key, byte[]? Value) planted, string id)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        return planted.Key.AsSpan().SequenceEqual(bytes) || planted.Value.AsSpan().IndexOf(bytes) >= 0;
    }

    // An empty value and none are the same record to a broker's clients.
    private static bool Same(NpgsqlDataReader row, int column, byte[]? bytes) =>
        (row.IsDBNull(column) ? [] : row.GetFieldValue<byte[]>(column)).AsSpan().SequenceEqual(bytes);
}
