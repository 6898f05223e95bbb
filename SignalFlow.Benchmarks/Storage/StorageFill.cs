using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Writes <see cref="StorageData"/> into an empty database that has the schema, by binary COPY, in the order of time.</summary>
internal sealed class StorageFill(NpgsqlDataSource source, StorageData data, TextWriter output)
{
    // COPY passes by the writer, which would have marked the hours; long ago, so that one count settles them.
    private const string MarkAll = """
        INSERT INTO rollup_marks (source, bucket, touched_at)
        SELECT DISTINCT 'posts', date_bin('1 hour', created_utc, '2000-01-01 00:00:00+00'), now() - interval '1 day' FROM posts
        UNION ALL
        SELECT DISTINCT 'history', date_bin('1 hour', captured_at, '2000-01-01 00:00:00+00'), now() - interval '1 day' FROM post_metrics_history
        ON CONFLICT (source, bucket) DO NOTHING
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var subreddits = await SubredditsAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await CopyAsync(connection => Posts(connection, subreddits), cancellationToken);
        Say("posts", data.Posts, ref started);
        await CopyAsync(Features, cancellationToken);
        Say("text features", data.Posts, ref started);
        await new HistoryPartitions(source).EnsureAsync(
            Enumerable.Range(-1, StorageData.Days + 2).Select(day => DateOnly.FromDateTime(data.Now).AddDays(-day)), cancellationToken);
        await CopyAsync(connection => History(connection, subreddits), cancellationToken);
        Say("history", data.History, ref started);
        await ExecuteAsync(MarkAll, cancellationToken);
        await ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        output.WriteLine($"VACUUM (ANALYZE) in {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s");
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Those that the product watches by default, by number.</summary>
    private async Task<int[]> SubredditsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO subreddits (name) SELECT name FROM subreddit_config ORDER BY id LIMIT $1 RETURNING id
            """);
        command.Parameters.Add(new() { Value = StorageData.SubredditCount });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetInt32(0));
        return [.. ids];
    }

    private async Task CopyAsync(Action<NpgsqlConnection> write, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await Task.Run(() => write(connection), cancellationToken);
    }

    private void Say(string what, int rows, ref long started)
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        output.WriteLine($"{rows:N0} rows of {what} in {seconds:N0} s: {rows / seconds:N0}/s");
        started = Stopwatch.GetTimestamp();
    }

    private void Posts(NpgsqlConnection connection, int[] subreddits)
    {
        using var rows = connection.BeginBinaryImport("""
            COPY posts (id, subreddit_id, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at, last_polled_at,
              current_score, current_comments, current_ratio, prev_polled_at, prev_score, prev_comments, poll_priority,
              score_velocity, comment_velocity, trending_score, is_trending, purged_at, purge_reason)
            FROM STDIN (FORMAT BINARY)
            """);
        for (var post = 0; post < data.Posts; post++)
        {
            var content = PostContent.Of(post);
            var permalink = $"/r/subreddit_{data.Subreddit(post)}/comments/{StorageData.Id(post)}/";
            rows.StartRow();
            rows.Write(StorageData.Id(post));
            rows.Write(subreddits[data.Subreddit(post)]);
            rows.Write(content.IsPurged ? PostRemoval.Placeholder : content.Title);
            WriteText(rows, content.IsPurged ? null : content.Body);
            WriteText(rows, content.IsPurged ? null : content.Author);
            WriteText(rows, content.IsPurged ? null : $"https://www.reddit.com{permalink}");
            WriteText(rows, content.IsPurged ? null : permalink);
            WriteText(rows, content.IsPurged ? null : content.Flair);
            rows.Write(content.Over18);
            Write(rows, data.Created(post));
            Counters(rows, post);
            rows.Write(content is { IsTrending: true, IsPurged: false } ? 0.5 + post % 5 / 10.0 : post % 10 == 0 ? 0.2 : 0);
            rows.Write(content is { IsTrending: true, IsPurged: false });
            if (content.IsPurged)
            {
                Write(rows, data.Created(post) + 3_600_000_000);
                rows.Write("moderator");
            }
            else
            {
                rows.WriteNull();
                rows.WriteNull();
            }
        }

        rows.Complete();
    }

    /// <summary>The columns from the first observation to the velocity.</summary>
    private void Counters(NpgsqlBinaryImporter rows, int post)
    {
        var observations = Math.Max(1, data.Observations(post));
        var first = data.ObservedAt(post, 1, observations);
        var last = data.ObservedAt(post, observations, observations);
        Write(rows, first);
        Write(rows, last);
        rows.Write(data.Score(post));
        rows.Write(data.Comments(post));
        rows.Write(StorageData.Ratio(post));
        if (observations == 1)
        {
            rows.WriteNull();
            rows.WriteNull();
            rows.WriteNull();
            rows.Write("normal");
            rows.Write(0.0);
            rows.Write(0.0);
            return;
        }

        var before = data.ObservedAt(post, observations - 1, observations);
        Write(rows, before);
        rows.Write(data.ScoreAt(post, before));
        rows.Write(data.CommentsAt(post, before));
        rows.Write("normal");
        rows.Write((data.Score(post) - data.ScoreAt(post, before)) / ((last - before) / 1e6));
        rows.Write((data.Comments(post) - data.CommentsAt(post, before)) / ((last - before) / 1e6));
    }

    private void Features(NpgsqlConnection connection)
    {
        Execute(connection, "CREATE TEMP TABLE features (LIKE post_nlp_features INCLUDING DEFAULTS)");
        CopyFeatures(connection);
        // To keep the index of the documents up to date would take longer than to make it at the end.
        using var definition = new NpgsqlCommand("SELECT pg_get_indexdef('post_nlp_features_document'::regclass)", connection);
        var documents = (string)definition.ExecuteScalar()!;
        Execute(connection, "DROP INDEX post_nlp_features_document");
        // The creation and the document are those of the post, as the writer takes them.
        Execute(connection, """
            INSERT INTO post_nlp_features (
              post_id, sentiment_score, sentiment_label, keywords, topic_cluster, sentiment_neg, sentiment_neu, sentiment_pos, text_print,
              created_utc, document)
            SELECT
              post_id, sentiment_score, sentiment_label, keywords, topic_cluster, sentiment_neg, sentiment_neu, sentiment_pos, text_print,
              post.created_utc, search_document(post.title, post.selftext)
            FROM features JOIN posts post ON post.id = features.post_id ORDER BY post.created_utc
            """);
        Execute(connection, documents);
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private void CopyFeatures(NpgsqlConnection connection)
    {
        using var rows = connection.BeginBinaryImport("""
            COPY features (post_id, sentiment_score, sentiment_label, keywords, topic_cluster, sentiment_neg, sentiment_neu, sentiment_pos, text_print)
            FROM STDIN (FORMAT BINARY)
            """);
        for (var post = 0; post < data.Posts; post++)
        {
            var content = PostContent.Of(post);
            if (content.IsPurged)
                continue;
            rows.StartRow();
            rows.Write(StorageData.Id(post));
            rows.Write(content.Sentiment);
            rows.Write(content.Label);
            rows.Write(content.Keywords);
            if (post % 3 == 0)
                rows.Write(post % 30_000);
            else
                rows.WriteNull();
            rows.Write(0.1);
            rows.Write(0.7);
            rows.Write(0.2);
            rows.Write((long)post);
        }

        rows.Complete();
    }

    private void History(NpgsqlConnection connection, int[] subreddits)
    {
        var (times, posts) = InOrder();
        using var rows = connection.BeginBinaryImport("""
            COPY post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio) FROM STDIN (FORMAT BINARY)
            """);
        for (var row = 0; row < times.Length; row++)
        {
            var post = posts[row];
            rows.StartRow();
            rows.Write(StorageData.Id(post));
            Write(rows, times[row]);
            rows.Write(subreddits[data.Subreddit(post)]);
            rows.Write(data.ScoreAt(post, times[row]));
            rows.Write(data.CommentsAt(post, times[row]));
            rows.Write(StorageData.Ratio(post));
        }

        rows.Complete();
    }

    private (long[] Times, int[] Posts) InOrder()
    {
        var times = new long[data.History];
        var posts = new int[data.History];
        var row = 0;
        for (var post = 0; post < data.Posts; post++)
        {
            var observations = data.Observations(post);
            for (var number = 1; number <= observations; number++, row++)
                (times[row], posts[row]) = (data.ObservedAt(post, number, observations), post);
        }

        Array.Sort(times, posts);
        return (times, posts);
    }

    private static void Write(NpgsqlBinaryImporter rows, long microseconds) => rows.Write(StorageData.Time(microseconds), NpgsqlDbType.TimestampTz);

    private static void WriteText(NpgsqlBinaryImporter rows, string? text)
    {
        if (text is null)
            rows.WriteNull();
        else
            rows.Write(text);
    }
}
