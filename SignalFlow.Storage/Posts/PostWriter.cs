using Npgsql;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// Writes processed batches: posts, text features and history in one round trip and one transaction. Writing a batch again changes
/// nothing, and batches of one post may come in any order.
/// </summary>
public sealed class PostWriter(NpgsqlDataSource dataSource, HistoryPartitions partitions)
{
    /// <returns>
    /// The ids of posts that were not written because the stored row knows an observation that the given state does not: the state came
    /// from a stale cache. Their history is stored; load their states with <see cref="LoadStatesAsync"/>, add the observations and write
    /// these posts again.
    /// </returns>
    public async Task<IReadOnlyList<string>> WriteAsync(PostBatch batch, CancellationToken cancellationToken)
    {
        // Writers that lock rows in the same order cannot deadlock.
        var posts = batch.Posts.OrderBy(post => post.Newest.Id, StringComparer.Ordinal).ToArray();
        var history = batch.History.OrderBy(entry => entry.PostId, StringComparer.Ordinal).ThenBy(entry => entry.Sample.At).ToArray();
        await partitions.EnsureAsync(history.Select(entry => DateOnly.FromDateTime(ToDateTime(entry.Sample.At))), cancellationToken);

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A batch is one implicit transaction.
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Subreddits(posts, history));
        commands.BatchCommands.Add(Posts(posts));
        commands.BatchCommands.Add(Nlp(posts));
        commands.BatchCommands.Add(History(history));
        await commands.PrepareAsync(cancellationToken);

        var stale = posts.Select(post => post.Newest.Id).ToHashSet();
        await using var reader = await commands.ExecuteReaderAsync(cancellationToken);
        // The upsert is the only statement that returns rows, but the others must be read to their end, too: disposing a reader
        // early swallows a time-out, and then a batch that was rolled back would count as stored.
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                stale.Remove(reader.GetString(0));
        }
        while (await reader.NextResultAsync(cancellationToken));
        return [.. stale];
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

    // The guard lets a row through only if every stored observation is among the given two or older than both; then the given pair
    // is the newest pair, whatever the cache said. Texts and creation never change, so they are not set again; what came with an
    // older observation than the stored one does not replace it.
    private const string UpsertPosts = """
        INSERT INTO posts AS post (
          id, subreddit_id, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at,
          last_polled_at, current_score, current_comments, current_ratio, prev_polled_at, prev_score, prev_comments,
          poll_priority, score_velocity, comment_velocity, trending_score, is_trending)
        SELECT
          given.id, subreddit.id, given.title, given.selftext, given.author, given.url, given.permalink, given.flair, given.over_18,
          given.created_utc, given.first_seen_at, given.last_polled_at, given.score, given.comments, given.ratio,
          given.prev_polled_at, given.prev_score, given.prev_comments,
          given.poll_priority, given.score_velocity, given.comment_velocity, given.trending_score, given.is_trending
        FROM unnest(
          $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23
        ) AS given (
          id, subreddit, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at,
          last_polled_at, score, comments, ratio, prev_polled_at, prev_score, prev_comments,
          poll_priority, score_velocity, comment_velocity, trending_score, is_trending)
        JOIN subreddits subreddit ON subreddit.name = given.subreddit
        ORDER BY given.id
        ON CONFLICT (id) DO UPDATE SET
          first_seen_at = least(post.first_seen_at, excluded.first_seen_at),
          last_polled_at = excluded.last_polled_at,
          current_score = excluded.current_score,
          current_comments = excluded.current_comments,
          current_ratio = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.current_ratio ELSE post.current_ratio END,
          prev_polled_at = excluded.prev_polled_at,
          prev_score = excluded.prev_score,
          prev_comments = excluded.prev_comments,
          flair = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.flair ELSE post.flair END,
          over_18 = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.over_18 ELSE post.over_18 END,
          poll_priority = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.poll_priority ELSE post.poll_priority END,
          score_velocity = excluded.score_velocity,
          comment_velocity = excluded.comment_velocity,
          trending_score = excluded.trending_score,
          is_trending = excluded.is_trending
        WHERE excluded.prev_polled_at >= post.last_polled_at
           OR excluded.last_polled_at = post.last_polled_at
              AND (post.prev_polled_at IS NULL OR excluded.prev_polled_at >= post.prev_polled_at)
        RETURNING post.id
        """;

    private static NpgsqlBatchCommand Posts(PostChange[] posts)
    {
        var command = new NpgsqlBatchCommand(UpsertPosts);
        var parameters = command.Parameters;
        Add(parameters, posts, post => post.Newest.Id);
        Add(parameters, posts, post => post.Newest.Subreddit);
        Add(parameters, posts, post => post.Newest.Title);
        Add(parameters, posts, post => post.Newest.Selftext);
        Add(parameters, posts, post => post.Newest.Author);
        Add(parameters, posts, post => post.Newest.Url);
        Add(parameters, posts, post => post.Newest.Permalink);
        Add(parameters, posts, post => post.Newest.Flair);
        Add(parameters, posts, post => post.Newest.Over18);
        Add(parameters, posts, post => ToDateTime(post.Newest.CreatedUtc));
        Add(parameters, posts, post => ToDateTime(post.State.FirstSeen));
        Add(parameters, posts, post => ToDateTime(post.State.Last.At));
        Add(parameters, posts, post => post.State.Last.Score);
        Add(parameters, posts, post => post.State.Last.Comments);
        Add(parameters, posts, post => post.Newest.UpvoteRatio);
        Add(parameters, posts, post => post.State.Previous is { } previous ? ToDateTime(previous.At) : (DateTime?)null);
        Add(parameters, posts, post => post.State.Previous?.Score);
        Add(parameters, posts, post => post.State.Previous?.Comments);
        Add(parameters, posts, post => post.Newest.PollPriority);
        Add(parameters, posts, post => post.State.ScoreVelocity);
        Add(parameters, posts, post => post.State.CommentVelocity);
        Add(parameters, posts, post => post.TrendingScore);
        Add(parameters, posts, post => post.IsTrending);
        return command;
    }

    private static NpgsqlBatchCommand Nlp(PostChange[] posts)
    {
        // Arrays of arrays must be rectangular in PostgreSQL, so keywords travel joined by a separator that no keyword holds.
        var command = new NpgsqlBatchCommand("""
            INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords)
            SELECT id, sentiment_score, sentiment_label, string_to_array(keywords, E'\x1f')
            FROM unnest($1, $2, $3, $4) AS given (id, sentiment_score, sentiment_label, keywords)
            ON CONFLICT (post_id) DO NOTHING
            """);
        Add(command.Parameters, posts, post => post.Newest.Id);
        Add(command.Parameters, posts, post => post.Nlp.SentimentScore);
        Add(command.Parameters, posts, post => post.Nlp.SentimentLabel);
        Add(command.Parameters, posts, post => string.Join('\x1f', post.Nlp.Keywords));
        return command;
    }

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

    private static void Add<TRow, TColumn>(NpgsqlParameterCollection parameters, TRow[] rows, Func<TRow, TColumn> column) =>
        parameters.Add(new NpgsqlParameter<TColumn[]> { TypedValue = Array.ConvertAll(rows, row => column(row)) });
}
