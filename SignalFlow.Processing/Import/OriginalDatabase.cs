using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using SignalFlow.Storage;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Processing.Import;

/// <summary>The original system's database, read in one transaction that sees one moment of it and cannot change anything.</summary>
internal sealed class OriginalDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly OriginalSchema _schema;

    private OriginalDatabase(NpgsqlConnection connection, OriginalSchema schema)
    {
        _connection = connection;
        _schema = schema;
    }

    /// <exception cref="ImportException">It is not a connection string, or not the original's database, or the same as <paramref name="target"/>.</exception>
    public static async Task<OriginalDatabase> OpenAsync(string connectionString, NpgsqlDataSource target, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(Settings(connectionString));
        try
        {
            await ConnectAsync(connection, cancellationToken);
            await ExecuteAsync(connection, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0", cancellationToken);
            if (await IsSameAsync(connection, target, cancellationToken))
                throw new ImportException("Source and target are the same database.");
            // Goes with the connection.
            _ = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await ExecuteAsync(connection, "SET TRANSACTION READ ONLY", cancellationToken);
            return new(connection, await OriginalSchema.ReadAsync(connection, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<long> CountPostsAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM posts", _connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <param name="after">The last id of the page before; null: the first page.</param>
    /// <param name="most">Of the page.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>In the order of ids.</returns>
    public async Task<List<OriginalPost>> PostsAsync(string? after, int most, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT posts.id, subreddits.name, posts.title, posts.author, {_schema.Time("posts", "created_utc")},
              {_schema.Time("posts", "first_seen_at")}, {_schema.Time("posts", "last_polled_at")},
              posts.current_score::bigint, posts.current_comments::bigint, posts.current_ratio::double precision, posts.poll_priority,
              nlp.post_id, nlp.sentiment_score::double precision, nlp.keywords::text
            FROM (SELECT * FROM posts {(after is null ? "" : "WHERE id > $2")} ORDER BY id LIMIT $1) AS posts
            LEFT JOIN subreddits ON subreddits.id = posts.subreddit_id
            LEFT JOIN post_nlp_features nlp ON nlp.post_id = posts.id
            ORDER BY posts.id
            """, _connection);
        command.Parameters.Add(new() { Value = most });
        if (after is not null)
            command.Parameters.Add(new() { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<OriginalPost>(most);
        while (await reader.ReadAsync(cancellationToken))
        {
            posts.Add(new(
                reader.GetString(0), Text(reader, 1), Text(reader, 2), Text(reader, 3), Long(reader, 4), Long(reader, 5), Long(reader, 6),
                Long(reader, 7), Long(reader, 8), Double(reader, 9), Text(reader, 10),
                reader.IsDBNull(11) ? null : new(Double(reader, 12), Text(reader, 13))));
        }

        return posts;
    }

    /// <summary>
    /// The rows of all ids between two, whether there are such posts or not: page after page no row is left unseen. Of one post the newest
    /// comes first, in the order of the original's index.
    /// </summary>
    /// <param name="after">Null: from the first id.</param>
    /// <param name="upto">Null: to the last id.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<OriginalHistoryRow> HistoryAsync(
        string? after, string? upto, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("", _connection);
        var where = "post_id IS NOT NULL";
        if (after is not null)
            where += $" AND post_id > ${Add(after)}";
        if (upto is not null)
            where += $" AND post_id <= ${Add(upto)}";
        command.CommandText = $"""
            SELECT post_id, {_schema.Time("post_metrics_history", "captured_at")}, score::bigint, num_comments::bigint, upvote_ratio::double precision
            FROM post_metrics_history
            WHERE {where}
            ORDER BY post_id, captured_at DESC
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return new(reader.GetString(0), Long(reader, 1), Long(reader, 2), Long(reader, 3), Double(reader, 4));

        int Add(string value)
        {
            command.Parameters.Add(new() { Value = value });
            return command.Parameters.Count;
        }
    }

    public async Task<long> CountHistoryWithoutPostAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM post_metrics_history WHERE post_id IS NULL", _connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async IAsyncEnumerable<string> FeaturesWithoutPostAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT post_id FROM post_nlp_features nlp WHERE NOT EXISTS (SELECT FROM posts WHERE posts.id = nlp.post_id)", _connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return reader.GetString(0);
    }

    /// <returns>Of names that differ only in case, the one that counts comes first: what is polled before what is not, then what was changed last.</returns>
    public async Task<List<SubredditRow>> SubredditsAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT name, interval_seconds::integer, priority, is_active, added_by
            FROM subreddit_config
            ORDER BY lower(name), is_active DESC NULLS LAST, {_schema.Time("subreddit_config", "updated_at")} DESC NULLS LAST, name
            """, _connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var subreddits = new List<SubredditRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            subreddits.Add(new(
                Text(reader, 0) ?? "", Text(reader, 2) ?? "", reader.IsDBNull(1) ? null : reader.GetInt32(1),
                !reader.IsDBNull(3) && reader.GetBoolean(3), Text(reader, 4) ?? ""));
        }

        return subreddits;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static string Settings(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString)
            {
                ApplicationName = "signalflow import",
                // A large table is counted for minutes.
                CommandTimeout = 0,
                Pooling = false,
                // While a batch is written the source hears nothing.
                TcpKeepAlive = true,
            }.ConnectionString;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Its message may quote a part of the password.
            throw new ImportException("The source is not a connection string. It looks like Host=...;Port=5432;Database=reddit;Username=...;Password=...");
        }
    }

    // Two servers are asked by an import: which of them is away has to be said.
    private static async Task ConnectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (Exception exception) when (exception.IsOfDatabase() && exception is not PostgresException)
        {
            // The connection itself knows them only while it is open.
            var server = new NpgsqlConnectionStringBuilder(connection.ConnectionString);
            throw new ImportException($"The source, {server.Host}:{server.Port}, does not answer: {exception.Message}", exception);
        }
    }

    /// <summary>A lock that one database holds is not held in another, whatever names, proxies and pools lead to them.</summary>
    private static async Task<bool> IsSameAsync(NpgsqlConnection source, NpgsqlDataSource target, CancellationToken cancellationToken)
    {
        var key = Random.Shared.NextInt64();
        await using var connection = await target.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var hold = new NpgsqlCommand(Invariant($"SELECT pg_advisory_xact_lock({key})"), connection, transaction))
            await hold.ExecuteNonQueryAsync(cancellationToken);
        await using var ask = new NpgsqlCommand(Invariant($"SELECT pg_try_advisory_xact_lock({key})"), source);
        return !(bool)(await ask.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long? Long(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static double? Double(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}
