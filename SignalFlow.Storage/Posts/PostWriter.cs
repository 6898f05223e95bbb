using Npgsql;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.DeadLetters;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Rollups;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// Writes processed batches: posts, text features and history in one round trip and one transaction. Writing a batch again changes
/// nothing, and batches of one post may come in any order.
/// </summary>
public sealed class PostWriter(NpgsqlDataSource dataSource, HistoryPartitions partitions)
{
    private readonly KnownSubreddits _subreddits = new();
    private readonly RollupMarks _marks = new(dataSource);

    public async Task<PostBatchResult> WriteAsync(PostBatch batch, CancellationToken cancellationToken)
    {
        await PrepareAsync(batch, cancellationToken);
        var missing = _subreddits.Missing(batch);
        PostBatchResult result;
        try
        {
            result = await WriteAsync(batch, missing, cancellationToken);
        }
        catch (PostgresException exception) when (IsForgotten(exception))
        {
            // What we knew is gone: retention has dropped a day, or the database was restored or emptied under us.
            _subreddits.Forget();
            _marks.Forget();
            partitions.Forget();
            await PrepareAsync(batch, cancellationToken);
            missing = _subreddits.Missing(batch);
            result = await WriteAsync(batch, missing, cancellationToken);
        }

        // Only now: names of a transaction that was rolled back are not stored.
        _subreddits.Add(missing);
        return result;
    }

    private async Task PrepareAsync(PostBatch batch, CancellationToken cancellationToken)
    {
        await partitions.EnsureAsync(Days(batch.History), cancellationToken);
        await _marks.TouchAsync(batch, withHistory: await partitions.ModeAsync(cancellationToken) != StorageMode.Timescale, cancellationToken);
    }

    private static bool IsForgotten(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.NotNullViolation, ColumnName: "subreddit_id" } || HistoryPartitions.IsMissing(exception);

    /// <summary>What is stored of those of <paramref name="ids"/> that are stored.</summary>
    public async Task<IReadOnlyDictionary<string, KnownPost>> LoadAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // Look-ups by key whatever the planner believes: joins that were planned while the tables were small would scan all of them.
        await using var command = new NpgsqlCommand("""
            SELECT post.id, last_polled_at, current_score, current_comments, prev_polled_at, prev_score, prev_comments, first_seen_at,
              CASE WHEN document IS NOT NULL THEN text_print END, sentiment_score, sentiment_label, keywords,
              sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster, folded, state, sentiment_reliable
            FROM unnest($1) AS given (id)
            CROSS JOIN LATERAL (SELECT * FROM posts WHERE posts.id = given.id LIMIT 1) AS post
            LEFT JOIN LATERAL (SELECT * FROM post_nlp_features WHERE post_id = given.id LIMIT 1) AS nlp ON true
            LEFT JOIN LATERAL (SELECT folded, state FROM post_surge WHERE post_id = given.id LIMIT 1) AS surge ON true
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new Dictionary<string, KnownPost>(ids.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            Sample? previous = reader.IsDBNull(4)
                ? null
                : new(ToMicroseconds(reader.GetDateTime(4)), reader.GetInt32(5), reader.GetInt32(6));
            var last = new Sample(ToMicroseconds(reader.GetDateTime(1)), reader.GetInt32(2), reader.GetInt32(3));
            var surge = reader.IsDBNull(16) ? null : new KnownSurge(reader.GetInt32(16), reader.GetFieldValue<byte[]>(17));
            posts.Add(reader.GetString(0), new(new(last, previous, ToMicroseconds(reader.GetDateTime(7))), ReadNlp(reader), surge));
        }

        return posts;
    }

    private static NlpFeatures? ReadNlp(NpgsqlDataReader reader) => reader.IsDBNull(8)
        ? null
        : new(reader.GetDouble(9), reader.GetString(10), reader.GetFieldValue<string[]>(11))
        {
            Negative = reader.GetDouble(12),
            Neutral = reader.GetDouble(13),
            Positive = reader.GetDouble(14),
            TopicCluster = reader.IsDBNull(15) ? null : reader.GetInt32(15),
            TextPrint = reader.GetInt64(8),
            IsSentimentReliable = reader.GetBoolean(18),
        };

    /// <summary>Unix seconds with a fraction, as on the wire, to the microsecond.</summary>
    public static DateTime ToDateTime(double seconds) => ToDateTime((long)Math.Round(seconds * 1e6));

    public static DateTime ToDateTime(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static long ToMicroseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task<PostBatchResult> WriteAsync(PostBatch batch, List<string> newSubreddits, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A batch is one implicit transaction. Its statements sort what they write by id: writers that lock rows in the same order cannot
        // deadlock. The upsert locks every row of the batch, also those that its guard refuses; the statements after it touch nothing but
        // what hangs on these rows.
        await using var commands = new NpgsqlBatch(connection);
        NpgsqlBatchCommand? history = null;
        if (batch.Posts.Exists(post => post.Purge is not null))
            commands.BatchCommands.Add(DeadLetterPurge.Lock());
        if (newSubreddits.Count > 0)
            commands.BatchCommands.Add(Subreddits([.. newSubreddits]));
        foreach (var command in Commands(batch))
        {
            commands.BatchCommands.Add(command);
            if (command.CommandText == InsertHistory)
                history = command;
        }

        await commands.PrepareAsync(cancellationToken);

        var left = new Dictionary<string, PostChange>(batch.Posts.Count);
        foreach (var post in batch.Posts)
            left.Add(post.Newest.Id, post);
        var purged = new Dictionary<string, Purge>();
        var newlyPurged = new List<string>();
        await using var reader = await commands.ExecuteReaderAsync(cancellationToken);
        // Only the upsert and the last statement return rows, but the others must be read to their end, too: disposing a reader early
        // swallows a time-out, and then a batch that was rolled back would count as stored.
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var id = reader.GetString(0);
                // A new row cannot have stored features: the cache that said so is of another time of this database.
                if (left.TryGetValue(id, out var change) && !(reader.GetBoolean(4) && change is { Nlp: null, Purge: null }))
                    left.Remove(id);
                if (reader.IsDBNull(1))
                    continue;
                var purge = new Purge(ToMicroseconds(reader.GetDateTime(1)), reader.GetString(2));
                purged.Add(id, purge);
                if (reader.GetBoolean(3))
                    newlyPurged.Add(purge.Reason);
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return new([.. left.Keys], purged, newlyPurged) { HistoryAdded = history?.RecordsAffected ?? 0 };
    }

    /// <summary>The statements of a batch whose subreddits are all stored.</summary>
    internal static IEnumerable<NpgsqlBatchCommand> Commands(PostBatch batch)
    {
        if (batch.Posts.Count > 0)
            yield return PostUpsert.Command(batch.Posts);
        var analysed = batch.Posts.FindAll(post => post is { Purge: null, Nlp: not null });
        if (analysed.Count > 0)
            yield return Nlp(analysed);
        if (batch.History.Count > 0)
            yield return History(batch.History);
        if (batch.Surges.Count > 0)
            yield return SurgeStatements.Continue(batch.Surges);
        if (batch.Surges.Count > 0 || batch.LateSurges.Count > 0)
            yield return SurgeStatements.Mark(batch.Surges, batch.LateSurges);
        if (SurgeStatements.Events(batch.Surges) is { } events)
            yield return events;
        var gone = batch.Posts.FindAll(post => post.Purge is not null).ConvertAll(post => post.Newest.Id).ToArray();
        if (gone.Length > 0)
        {
            yield return PurgeNlp(gone);
            yield return SurgeStatements.Purge(gone);
            yield return DeadLetterPurge.Empty(gone);
            yield return SignalEventStore.Empty(gone);
        }

        if (batch.Unchanged.Count > 0)
            yield return Purged([.. batch.Unchanged]);
    }

    private static List<DateOnly> Days(List<HistoryEntry> history)
    {
        var days = new List<DateOnly>(1);
        foreach (var entry in history)
        {
            var day = DateOnly.FromDateTime(ToDateTime(entry.Sample.At));
            if (!days.Contains(day))
                days.Add(day);
        }

        return days;
    }

    private static NpgsqlBatchCommand Subreddits(string[] names)
    {
        Array.Sort(names, StringComparer.Ordinal);
        // ON CONFLICT alone would burn a sequence value per known name and batch.
        return new("""
            INSERT INTO subreddits (name)
            SELECT given.name FROM unnest($1) AS given (name)
            WHERE NOT EXISTS (SELECT FROM subreddits known WHERE known.name = given.name)
            ON CONFLICT (name) DO NOTHING
            """)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = names } },
        };
    }

    private static NpgsqlBatchCommand Nlp(List<PostChange> posts)
    {
        // The features of the text that counts: that of the newest observation. A post that the upsert has just refused has another. The
        // subquery is a look-up by key whatever the planner believes; a join that was planned while the table was small scans all of it.
        // What a search finds, and its place in the feed, are taken from the row of the post, so that the two never differ.
        // Arrays of arrays must be rectangular in PostgreSQL, so keywords travel joined by a separator that no keyword holds.
        var command = new NpgsqlBatchCommand("""
            INSERT INTO post_nlp_features AS stored
              (post_id, sentiment_score, sentiment_label, keywords, sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster, text_print,
              sentiment_reliable, created_utc, document)
            SELECT given.id, sentiment_score, sentiment_label, string_to_array(keywords, E'\x1f'), sentiment_neg, sentiment_neu, sentiment_pos,
              topic_cluster, text_print, sentiment_reliable, post.created_utc, search_document(post.title, post.selftext)
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS given
              (id, observed_at, sentiment_score, sentiment_label, keywords, sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster, text_print,
              sentiment_reliable)
            CROSS JOIN LATERAL (
              SELECT created_utc, title, selftext FROM posts
              WHERE posts.id = given.id AND posts.last_polled_at = given.observed_at AND posts.purged_at IS NULL
              LIMIT 1) AS post
            ORDER BY given.id
            ON CONFLICT (post_id) DO UPDATE SET
              sentiment_score = excluded.sentiment_score,
              sentiment_label = excluded.sentiment_label,
              keywords = excluded.keywords,
              sentiment_neg = excluded.sentiment_neg,
              sentiment_neu = excluded.sentiment_neu,
              sentiment_pos = excluded.sentiment_pos,
              topic_cluster = excluded.topic_cluster,
              text_print = excluded.text_print,
              sentiment_reliable = excluded.sentiment_reliable,
              created_utc = excluded.created_utc,
              document = excluded.document
            WHERE stored.text_print IS DISTINCT FROM excluded.text_print OR stored.document IS NULL
            """);
        Add(command.Parameters, posts, post => post.Newest.Id);
        Add(command.Parameters, posts, post => ToDateTime(post.State.Last.At));
        Add(command.Parameters, posts, post => post.Nlp!.SentimentScore);
        Add(command.Parameters, posts, post => post.Nlp!.SentimentLabel);
        Add(command.Parameters, posts, post => string.Join('\x1f', post.Nlp!.Keywords));
        Add(command.Parameters, posts, post => post.Nlp!.Negative);
        Add(command.Parameters, posts, post => post.Nlp!.Neutral);
        Add(command.Parameters, posts, post => post.Nlp!.Positive);
        Add(command.Parameters, posts, post => post.Nlp!.TopicCluster);
        Add(command.Parameters, posts, post => post.Nlp!.TextPrint);
        Add(command.Parameters, posts, post => post.Nlp!.IsSentimentReliable);
        return command;
    }

    private static NpgsqlBatchCommand PurgeNlp(string[] ids) => new("DELETE FROM post_nlp_features WHERE post_id = ANY ($1)")
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = ids } },
    };

    private static NpgsqlBatchCommand Purged(string[] ids) => new("""
        SELECT id, purged_at, purge_reason, false, false FROM posts WHERE id = ANY ($1) AND purged_at IS NOT NULL
        """)
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = ids } },
    };

    private const string InsertHistory = """
        INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
        SELECT given.post_id, given.captured_at, subreddit.id, given.score, given.num_comments, given.upvote_ratio
        FROM unnest($1, $2, $3, $4, $5, $6) AS given (post_id, captured_at, subreddit, score, num_comments, upvote_ratio)
        LEFT JOIN subreddits subreddit ON subreddit.name = given.subreddit
        ORDER BY given.post_id, given.captured_at
        ON CONFLICT (post_id, captured_at) DO NOTHING
        """;

    private static NpgsqlBatchCommand History(List<HistoryEntry> history)
    {
        var command = new NpgsqlBatchCommand(InsertHistory);
        Add(command.Parameters, history, entry => entry.PostId);
        Add(command.Parameters, history, entry => ToDateTime(entry.Sample.At));
        Add(command.Parameters, history, entry => entry.Subreddit);
        Add(command.Parameters, history, entry => entry.Sample.Score);
        Add(command.Parameters, history, entry => entry.Sample.Comments);
        Add(command.Parameters, history, entry => entry.UpvoteRatio);
        return command;
    }

    internal static void Add<TRow, TColumn>(NpgsqlParameterCollection parameters, List<TRow> rows, Func<TRow, TColumn> column)
    {
        var values = new TColumn[rows.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = column(rows[index]);
        parameters.Add(new NpgsqlParameter<TColumn[]> { TypedValue = values });
    }
}
