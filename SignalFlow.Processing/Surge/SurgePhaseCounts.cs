using Npgsql;

namespace SignalFlow.Processing.Surge;

/// <summary>Counts the posts that rise or have just risen, from the index that has them.</summary>
internal sealed class SurgePhaseCounts(NpgsqlDataSource dataSource)
{
    public async Task<IReadOnlyDictionary<short, long>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT phase, count(*) FROM post_surge WHERE phase IN (1, 2, 3) GROUP BY phase");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<short, long>();
        while (await reader.ReadAsync(cancellationToken))
            counts.Add(reader.GetInt16(0), reader.GetInt64(1));
        return counts;
    }
}
