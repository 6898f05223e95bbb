using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Access;

/// <param name="Id">Of the row.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Query">Parameters of the list of posts, as a query string without <c>?</c>.</param>
/// <param name="CreatedAt">When it was saved.</param>
/// <param name="HasFeed">There is an address that gives it to whoever knows it.</param>
public sealed record SavedSearchRow(long Id, string Name, string Query, DateTimeOffset CreatedAt, bool HasFeed);

/// <summary>The table <c>saved_searches</c>. Every access names the owner: nobody reaches another's.</summary>
public sealed class SavedSearchStore(NpgsqlDataSource dataSource)
{
    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<SavedSearchRow>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT id, name, query, created_at, feed_hash IS NOT NULL FROM saved_searches WHERE user_id = $1 ORDER BY lower(name)");
        command.Parameters.Add(new() { Value = userId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var searches = new List<SavedSearchRow>();
        while (await reader.ReadAsync(cancellationToken))
            searches.Add(Row(reader));
        return searches;
    }

    /// <summary>Saving under a name that is there replaces its query.</summary>
    /// <returns>Null: the user has <paramref name="most"/> others already.</returns>
    public async Task<SavedSearchRow?> SaveAsync(
        Guid userId, string name, string query, int most, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            INSERT INTO saved_searches AS saved (user_id, name, query, created_at)
            SELECT $1, $2, $3, $5 WHERE (SELECT count(*) FROM saved_searches WHERE user_id = $1 AND lower(name) <> lower($2)) < $4
            ON CONFLICT (user_id, lower(name)) DO UPDATE SET name = excluded.name, query = excluded.query
            RETURNING id, name, query, created_at, feed_hash IS NOT NULL
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = query });
        command.Parameters.Add(new() { Value = most });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Row(reader) : null;
    }

    /// <param name="hash">Of the token in the feed's address; null: it has none any more.</param>
    /// <returns>False: the user has none of this number.</returns>
    public async Task<bool> SetFeedAsync(Guid userId, long id, byte[]? hash, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("UPDATE saved_searches SET feed_hash = $3 WHERE id = $2 AND user_id = $1");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (object?)hash ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Whose feed it is; null: nobody's who is active.</summary>
    public async Task<SavedSearchRow?> FindByFeedAsync(byte[] hash, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT saved.id, saved.name, saved.query, saved.created_at, true
            FROM saved_searches saved JOIN users owner ON owner.id = saved.user_id WHERE saved.feed_hash = $1 AND owner.is_active
            """);
        command.Parameters.Add(new() { Value = hash });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Row(reader) : null;
    }

    /// <returns>False: the user has none of this number.</returns>
    public async Task<bool> RemoveAsync(Guid userId, long id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("DELETE FROM saved_searches WHERE id = $2 AND user_id = $1");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static SavedSearchRow Row(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetBoolean(4));
}
