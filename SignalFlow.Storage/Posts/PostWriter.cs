using Npgsql;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// Writes processed batches: posts, text features and history in one round trip and one transaction. Writing a batch again changes
/// nothing, and batches of one post may come in any order.
/// </summary>
public sealed class PostWriter(NpgsqlDataSource dataSource, HistoryPartitions partitions)
{
    public async Task<PostBatchResult> WriteAsync(PostBatch batch, CancellationToken cancellationToken)
    {
        // Writers that lock rows in the same order cannot deadlock. The upsert locks every row of the batch, also those that its guard
        // refuses; the statements after it touch nothing but what hangs on these rows.
        var posts = batch.Posts.OrderBy(post => post.Newest.Id, StringComparer.Ordinal).ToArray();
        var history = batch.History.OrderBy(entry => entry.PostId, StringComparer.Ordinal).ThenBy(entry => entry.Sample.At).ToArray();
        await partitions.EnsureAsync(history.Select(entry => DateOnly.FromDateTime(ToDateTime(entry.Sample.At))), cancellationToken);

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A batch is one implicit transaction.
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Subreddits(posts, history));
        commands.BatchCommands.Add(PostUpsert.Command(posts));
        commands.BatchCommands.Add(Nlp(posts));
        commands.BatchCommands.Add(History(history));
        if (posts.Any(post => post.Purge is not null))
            commands.BatchCommands.Add(PurgeNlp(posts));
        if (batch.Unchanged.Count > 0)
            commands.BatchCommands.Add(Purged([.. batch.Unchanged]));
        await commands.PrepareAsync(cancellationToken);

        var stale = posts.Select(post => post.Newest.Id).ToHashSet();
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
                stale.Remove(id);
                if (reader.IsDBNull(1))
                    continue;
                var purge = new Purge(ToMicroseconds(reader.GetDateTime(1)), reader.GetString(2));
                purged.Add(id, purge);
                if (reader.GetBoolean(3))
                    newlyPurged.Add(purge.Reason);
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return new([.. stale], purged, newlyPurged);
    }

    /// <summary>The stored states of those of <paramref name="ids"/> that are stored.</summary>
    public async Task<IReadOnlyDictionary<string, PostState>> LoadStatesAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT id, last_polled_at, current_score, current_comments, prev_polled_at, prev_score, prev_comments, first_seen_at
            FROM posts WHERE id = ANY($1)
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var states = new Dictionary<string, PostState>(ids.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            Sample? previous = reader.IsDBNull(4)
                ? null
                : new(ToMicroseconds(reader.GetDateTime(4)), reader.GetInt32(5), reader.GetInt32(6));
            var last = new Sample(ToMicroseconds(reader.GetDateTime(1)), reader.GetInt32(2), reader.GetInt32(3));
            states.Add(reader.GetString(0), new(last, previous, ToMicroseconds(reader.GetDateTime(7))));
        }

        return states;
    }

    /// <summary>Unix seconds with a fraction, as on the wire, to the microsecond.</summary>
    public static DateTime ToDateTime(double seconds) => ToDateTime((long)Math.Round(seconds * 1e6));

    public static DateTime ToDateTime(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static long ToMicroseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static NpgsqlBatchCommand Subreddits(PostChange[] posts, HistoryEntry[] history)
    {
        var names = posts.Select(post => post.Newest.Subreddit).Concat(history.Select(entry => entry.Subreddit))
            .Distinct().Order(StringComparer.Ordinal).ToArray();
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

    private static NpgsqlBatchCommand Nlp(PostChange[] changes)
    {
        var posts = Array.FindAll(changes, post => post is { Purge: null, Nlp: not null });
        // Written once; only a row from before these columns is completed.
        // Arrays of arrays must be rectangular in PostgreSQL, so keywords travel joined by a separator that no keyword holds.
        var command = new NpgsqlBatchCommand("""
            INSERT INTO post_nlp_features AS stored
              (post_id, sentiment_score, sentiment_label, keywords, sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster)
            SELECT id, sentiment_score, sentiment_label, string_to_array(keywords, E'\x1f'), sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS given
              (id, sentiment_score, sentiment_label, keywords, sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster)
            WHERE NOT EXISTS (SELECT FROM posts post WHERE post.id = given.id AND post.purged_at IS NOT NULL)
            ON CONFLICT (post_id) DO UPDATE SET
              sentiment_neg = excluded.sentiment_neg,
              sentiment_neu = excluded.sentiment_neu,
              sentiment_pos = excluded.sentiment_pos,
              topic_cluster = excluded.topic_cluster
            WHERE stored.sentiment_neg IS NULL
            """);
        Add(command.Parameters, posts, post => post.Newest.Id);
        Add(command.Parameters, posts, post => post.Nlp!.SentimentScore);
        Add(command.Parameters, posts, post => post.Nlp!.SentimentLabel);
        Add(command.Parameters, posts, post => string.Join('\x1f', post.Nlp!.Keywords));
        Add(command.Parameters, posts, post => post.Nlp!.Negative);
        Add(command.Parameters, posts, post => post.Nlp!.Neutral);
        Add(command.Parameters, posts, post => post.Nlp!.Positive);
        Add(command.Parameters, posts, post => post.Nlp!.TopicCluster);
        return command;
    }

    private static NpgsqlBatchCommand PurgeNlp(PostChange[] posts) => new("DELETE FROM post_nlp_features WHERE post_id = ANY ($1)")
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = [.. posts.Where(post => post.Purge is not null).Select(post => post.Newest.Id)] },
        },
    };

    private static NpgsqlBatchCommand Purged(string[] ids) => new("""
        SELECT id, purged_at, purge_reason, false FROM posts WHERE id = ANY ($1) AND purged_at IS NOT NULL
        """)
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = ids } },
    };

    private static NpgsqlBatchCommand History(HistoryEntry[] history)
    {
        var command = new NpgsqlBatchCommand("""
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
            SELECT given.post_id, given.captured_at, subreddit.id, given.score, given.num_comments, given.upvote_ratio
            FROM unnest($1, $2, $3, $4, $5, $6) AS given (post_id, captured_at, subreddit, score, num_comments, upvote_ratio)
            JOIN subreddits subreddit ON subreddit.name = given.subreddit
            ORDER BY given.post_id, given.captured_at
            ON CONFLICT (post_id, captured_at) DO NOTHING
            """);
        Add(command.Parameters, history, entry => entry.PostId);
        Add(command.Parameters, history, entry => ToDateTime(entry.Sample.At));
        Add(command.Parameters, history, entry => entry.Subreddit);
        Add(command.Parameters, history, entry => entry.Sample.Score);
        Add(command.Parameters, history, entry => entry.Sample.Comments);
        Add(command.Parameters, history, entry => entry.UpvoteRatio);
        return command;
    }

    internal static void Add<TRow, TColumn>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, TColumn> column) =>
        parameters.Add(new NpgsqlParameter<TColumn[]> { TypedValue = Array.ConvertAll(rows, row => column(row)) });
}
