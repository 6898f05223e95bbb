using Npgsql;
using NpgsqlTypes;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Terms;

/// <summary>The tables of terms. Everything is written under keys that make a repeat harmless.</summary>
internal sealed class TermStore(NpgsqlDataSource dataSource)
{
    private static readonly TimeSpan HoursKept = TimeSpan.FromDays(14);
    private static readonly TimeSpan ScattersKept = TimeSpan.FromDays(7);
    private static readonly TimeSpan BurstsKept = TimeSpan.FromDays(90);

    /// <summary>The end of the newest hour that is stored; null: there is none.</summary>
    public async Task<DateTimeOffset?> EndAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT max(hour) + interval '1 hour' FROM term_hours");
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime end ? new DateTimeOffset(end) : null;
    }

    /// <summary>Creation of the first post that there is to count; null without any.</summary>
    public async Task<DateTimeOffset?> FirstPostAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT min(created_utc) FROM posts WHERE created_utc >= $1");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime first ? new DateTimeOffset(first) : null;
    }

    /// <summary>A stream that goes on where the stored hours end.</summary>
    public async Task<TermStream> RestoreAsync(CancellationToken cancellationToken)
    {
        var stream = new TermStream();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var hours = await HoursAsync(connection, cancellationToken);
        stream.Restore(hours, hours.Count == 0 ? [] : await ScattersAsync(connection, hours[^1].Hour + TimeSpan.FromHours(1), cancellationToken));
        return stream;
    }

    /// <summary>The posts that a bucket counts.</summary>
    public async Task<List<TermPost>> PostsAsync(DateTimeOffset bucket, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT post.id, post.created_utc, post.first_seen_at, subreddit.name, post.author, post.title, post.url
            FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            WHERE post.created_utc >= $1 AND post.created_utc < $2 AND post.first_seen_at < $3 AND post.purged_at IS NULL
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = bucket.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (bucket + TermClock.Length).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = TermClock.ClosesAt(bucket).UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<TermPost>();
        while (await reader.ReadAsync(cancellationToken))
        {
            posts.Add(new(
                reader.GetString(0), reader.GetDateTime(1), reader.GetDateTime(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return posts;
    }

    /// <summary>Stores what a bucket gave, and tells rules of its bursts, in one transaction.</summary>
    public async Task StoreAsync(TermResult result, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var hour in result.Hours)
            {
                batch.BatchCommands.Add(Hour(hour));
                batch.BatchCommands.Add(Counts(hour));
            }

            if (result.Scatters.Length > 0)
                batch.BatchCommands.Add(Scatters(result.Scatters));
            if (result.Bursts.Count > 0)
                batch.BatchCommands.Add(Bursts(result.Bursts));
            batch.BatchCommands.Add(Forget("term_hours", "hour", result.Counts.Bucket - HoursKept));
            batch.BatchCommands.Add(Forget("term_scatters", "bucket", result.Counts.Bucket - ScattersKept));
            batch.BatchCommands.Add(Forget("term_bursts", "bucket", result.Counts.Bucket - BurstsKept));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await SignalEventStore.AddAsync(connection, result.Bursts.ConvertAll(Event), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>A burst that goes on for hours is one event an hour.</summary>
    private static SignalEvent Event(TermBurst burst) => new(
        AlertKinds.TermBurst,
        $"term:{burst.Term}:{TermClock.HourOf(burst.Bucket):O}",
        burst.Term,
        Subreddit: null,
        PostId: null,
        burst.Bucket + TermClock.Length,
        burst.Deviations,
        System.Text.Json.JsonSerializer.Serialize(View(burst), ContractsJsonContext.Default.TermBurstView));

    private static TermBurstView View(TermBurst burst) => new(
        burst.Term, burst.Bucket, burst.Authors, burst.Posts, burst.Subreddits, burst.Expected, TermBaseline.Describe(burst.Baseline));

    private static async Task<List<TermHour>> HoursAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT hour, volume, term, authors, posts, subreddits FROM term_hours LEFT JOIN term_counts USING (hour) ORDER BY hour, authors DESC, term COLLATE "C"
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var hours = new List<TermHour>();
        var terms = new List<TermHourCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var hour = new DateTimeOffset(reader.GetDateTime(0));
            if (hours is not [.., { } last] || last.Hour != hour)
                hours.Add(new(hour, reader.GetInt32(1), terms = []));
            if (!reader.IsDBNull(2))
                terms.Add(new(reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5)));
        }

        return hours;
    }

    private static async Task<List<TermScatter>> ScattersAsync(NpgsqlConnection connection, DateTimeOffset end, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT bucket, words, excess, weight FROM term_scatters WHERE bucket < $1 ORDER BY bucket, words", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = end.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var scatters = new List<TermScatter>();
        while (await reader.ReadAsync(cancellationToken))
            scatters.Add(new(reader.GetDateTime(0), reader.GetInt16(1), reader.GetDouble(2), reader.GetDouble(3)));
        return scatters;
    }

    private static NpgsqlBatchCommand Hour(TermHour hour) => new("INSERT INTO term_hours (hour, volume) VALUES ($1, $2) ON CONFLICT DO NOTHING")
    {
        Parameters = { new NpgsqlParameter<DateTime> { TypedValue = hour.Hour.UtcDateTime }, new NpgsqlParameter<int> { TypedValue = hour.Volume } },
    };

    private static NpgsqlBatchCommand Counts(TermHour hour)
    {
        var command = new NpgsqlBatchCommand("""
            INSERT INTO term_counts (hour, term, authors, posts, subreddits)
            SELECT $1, given.* FROM unnest($2, $3, $4, $5) AS given ON CONFLICT DO NOTHING
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = hour.Hour.UtcDateTime });
        Add(command, NpgsqlDbType.Text, hour.Terms, term => term.Term);
        Add(command, NpgsqlDbType.Integer, hour.Terms, term => term.Authors);
        Add(command, NpgsqlDbType.Integer, hour.Terms, term => term.Posts);
        Add(command, NpgsqlDbType.Integer, hour.Terms, term => term.Subreddits);
        return command;
    }

    private static NpgsqlBatchCommand Scatters(IReadOnlyList<TermScatter> scatters)
    {
        var command = new NpgsqlBatchCommand(
            "INSERT INTO term_scatters (bucket, words, excess, weight) SELECT given.* FROM unnest($1, $2, $3, $4) AS given ON CONFLICT DO NOTHING");
        Add(command, NpgsqlDbType.TimestampTz, scatters, scatter => scatter.Bucket.UtcDateTime);
        Add(command, NpgsqlDbType.Smallint, scatters, scatter => (short)scatter.Words);
        Add(command, NpgsqlDbType.Double, scatters, scatter => scatter.Excess);
        Add(command, NpgsqlDbType.Double, scatters, scatter => scatter.Weight);
        return command;
    }

    private static NpgsqlBatchCommand Bursts(IReadOnlyList<TermBurst> bursts)
    {
        var command = new NpgsqlBatchCommand("""
            INSERT INTO term_bursts (bucket, term, authors, posts, subreddits, expected, p_value, baseline)
            SELECT given.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS given ON CONFLICT DO NOTHING
            """);
        Add(command, NpgsqlDbType.TimestampTz, bursts, burst => burst.Bucket.UtcDateTime);
        Add(command, NpgsqlDbType.Text, bursts, burst => burst.Term);
        Add(command, NpgsqlDbType.Integer, bursts, burst => burst.Authors);
        Add(command, NpgsqlDbType.Integer, bursts, burst => burst.Posts);
        Add(command, NpgsqlDbType.Integer, bursts, burst => burst.Subreddits);
        Add(command, NpgsqlDbType.Double, bursts, burst => burst.Expected);
        Add(command, NpgsqlDbType.Double, bursts, burst => burst.PValue);
        Add(command, NpgsqlDbType.Smallint, bursts, burst => (short)burst.Baseline);
        return command;
    }

    private static NpgsqlBatchCommand Forget(string table, string column, DateTimeOffset before) => new($"DELETE FROM {table} WHERE {column} < $1")
    {
        Parameters = { new NpgsqlParameter<DateTime> { TypedValue = before.UtcDateTime } },
    };

    private static void Add<TRow, TColumn>(NpgsqlBatchCommand command, NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, TColumn> column) =>
        command.Parameters.Add(new() { Value = rows.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
