using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Contracts;
using SignalFlow.Processing.Discovery;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Shifts;

/// <summary>The table <c>sentiment_shifts</c>, and the sentiments that it is found from.</summary>
internal sealed class ShiftStore(NpgsqlDataSource dataSource)
{
    public const string Progress = "sentiment_shifts";

    /// <summary>What a bucket spans, to the end of its last hour.</summary>
    private static readonly TimeSpan Bucket = TimeSpan.FromHours(6);

    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    // Of features the place in time is theirs, of posts it is asked again: both are found by their indexes.
    private const string Posts = """
        FROM post_nlp_features features
        JOIN posts post ON post.id = features.post_id AND post.created_utc >= $1 AND post.created_utc < $2 AND post.first_seen_at < $3 AND post.purged_at IS NULL
        JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
        """;

    private const string InTime = "WHERE features.created_utc >= $1 AND features.created_utc < $2 AND features.sentiment_reliable";

    /// <summary>The shifts that lasted in the hour before.</summary>
    public async Task<Dictionary<ShiftKey, (DateTimeOffset Since, SentimentShift Shift)>> BeforeAsync(DateTimeOffset hour, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT kind, key, since, posts, mean, usual, statistic, p_value FROM sentiment_shifts WHERE hour = $1");
        command.Parameters.Add(Time(hour - HourClock.Hour));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var shifts = new Dictionary<ShiftKey, (DateTimeOffset, SentimentShift)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new ShiftKey(reader.GetString(0) == "subreddit", reader.GetString(1));
            var shift = new SentimentShift(
                key.Text, reader.GetInt32(3), reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7), IsShifted: true, []);
            shifts.Add(key, (reader.GetFieldValue<DateTimeOffset>(2), shift));
        }

        return shifts;
    }

    /// <summary>The posts of the bucket that ends with the hour, by subreddit and by keyword; of those that have enough.</summary>
    public async Task<Dictionary<ShiftKey, List<PostSentiment>>> PostsAsync(DateTimeOffset hour, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"SELECT subreddit.name, features.post_id, features.sentiment_score, features.keywords {Posts} {InTime}");
        AddSpan(command.Parameters, hour + HourClock.Hour - Bucket, hour + HourClock.Hour, hour);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new Dictionary<ShiftKey, List<PostSentiment>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var post = new PostSentiment(reader.GetString(1), reader.GetDouble(2));
            Add(new(true, reader.GetString(0)), post);
            foreach (var keyword in reader.GetFieldValue<string[]>(3))
            {
                if (ShiftKey.Parse(keyword) is { IsSubreddit: false } key)
                    Add(key, post);
            }
        }

        foreach (var (key, found) in posts)
        {
            if (found.Count < SentimentShifts.LeastPosts)
                posts.Remove(key);
        }

        return posts;

        void Add(ShiftKey key, PostSentiment post)
        {
            if (!posts.TryGetValue(key, out var found))
                posts.Add(key, found = []);
            found.Add(post);
        }
    }

    /// <summary>What is usual in the seven days before the bucket.</summary>
    public async Task<Dictionary<ShiftKey, SentimentSummary>> UsualAsync(DateTimeOffset hour, ShiftKey[] keys, CancellationToken cancellationToken)
    {
        var usual = new Dictionary<ShiftKey, SentimentSummary>(keys.Length);
        if (keys.Length == 0)
            return usual;
        // Scores have four digits: sums of whole numbers are the same in any order, those of fractions are not.
        const string Sums = """
            count(*), sum(round(features.sentiment_score * 10000)::bigint)::float8 / 1e4, sum(round(features.sentiment_score * 10000)::bigint ^ 2)::float8 / 1e8
            """;
        await using var batch = dataSource.CreateBatch();
        // A week of a busy installation is half a million rows.
        batch.Timeout = 120;
        Add($"SELECT true, subreddit.name, {Sums} {Posts} {InTime} AND subreddit.name = ANY ($4) GROUP BY subreddit.name", isSubreddit: true);
        Add(
            $"SELECT false, word, {Sums} {Posts} CROSS JOIN LATERAL unnest(features.keywords) AS word {InTime} AND word = ANY ($4) GROUP BY word",
            isSubreddit: false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                usual.Add(new(reader.GetBoolean(0), reader.GetString(1)), new(reader.GetInt64(2), reader.GetDouble(3), reader.GetDouble(4)));
        }
        while (await reader.NextResultAsync(cancellationToken));
        return usual;

        void Add(string sql, bool isSubreddit)
        {
            var command = new NpgsqlBatchCommand(sql);
            var end = hour + HourClock.Hour - Bucket;
            AddSpan(command.Parameters, end - Usual, end, hour);
            command.Parameters.Add(
                new NpgsqlParameter<string[]> { TypedValue = [.. keys.Where(key => key.IsSubreddit == isSubreddit).Select(key => key.Name)] });
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Stores the shifts of the hour, and tells rules of those that begin, in one transaction.</summary>
    public async Task StoreAsync(DateTimeOffset hour, List<LastingShift> shifts, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var shift in shifts)
                batch.BatchCommands.Add(Row(hour, shift));
            batch.BatchCommands.Add(new("DELETE FROM sentiment_shifts WHERE hour < $1") { Parameters = { Time(hour - Kept) } });
            batch.BatchCommands.Add(HourProgress.Closed(Progress, hour));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await SignalEventStore.AddAsync(connection, shifts.FindAll(shift => shift.Since == hour).ConvertAll(shift => Event(hour, shift)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static SignalEvent Event(DateTimeOffset hour, LastingShift lasting) => new(
        AlertKinds.SentimentShift,
        $"shift:{lasting.Key.Text}:{lasting.Since:O}",
        lasting.Key.Text,
        lasting.Key.IsSubreddit ? lasting.Key.Name : null,
        PostId: null,
        hour + HourClock.Hour,
        Math.Abs(lasting.Shift.Statistic),
        JsonSerializer.Serialize(View(hour, lasting), ContractsJsonContext.Default.SentimentShiftView));

    private static SentimentShiftView View(DateTimeOffset hour, LastingShift lasting) => new()
    {
        Kind = Kind(lasting.Key),
        Key = lasting.Key.Name,
        Since = lasting.Since + HourClock.Hour,
        Until = hour + HourClock.Hour,
        Lasts = true,
        Posts = lasting.Shift.Count,
        Mean = lasting.Shift.Mean,
        Usual = lasting.Shift.Usual,
        UsualPosts = lasting.UsualPosts,
        Statistic = lasting.Shift.Statistic,
        PValue = lasting.Shift.PValue,
        Movers = Movers(lasting.Shift),
    };

    private static NpgsqlBatchCommand Row(DateTimeOffset hour, LastingShift lasting) => new("""
        INSERT INTO sentiment_shifts (kind, key, since, hour, posts, mean, usual, usual_posts, statistic, p_value, movers)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (kind, key, since) DO UPDATE SET hour = excluded.hour, posts = excluded.posts, mean = excluded.mean, usual = excluded.usual,
          usual_posts = excluded.usual_posts, statistic = excluded.statistic, p_value = excluded.p_value, movers = excluded.movers
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = Kind(lasting.Key) },
            new NpgsqlParameter<string> { TypedValue = lasting.Key.Name },
            Time(lasting.Since),
            Time(hour),
            new NpgsqlParameter<int> { TypedValue = lasting.Shift.Count },
            new NpgsqlParameter<double> { TypedValue = lasting.Shift.Mean },
            new NpgsqlParameter<double> { TypedValue = lasting.Shift.Usual },
            new NpgsqlParameter<long> { TypedValue = lasting.UsualPosts },
            new NpgsqlParameter<double> { TypedValue = lasting.Shift.Statistic },
            new NpgsqlParameter<double> { TypedValue = lasting.Shift.PValue },
            new()
            {
                Value = JsonSerializer.Serialize(Movers(lasting.Shift), ContractsJsonContext.Default.IReadOnlyListSentimentMoverView),
                NpgsqlDbType = NpgsqlDbType.Jsonb,
            },
        },
    };

    private static IReadOnlyList<SentimentMoverView> Movers(SentimentShift shift) =>
        [.. shift.Movers.Select(mover => new SentimentMoverView(mover.PostId, mover.Sentiment, mover.Contribution))];

    private static string Kind(ShiftKey key) => key.IsSubreddit ? "subreddit" : "topic";

    private static void AddSpan(NpgsqlParameterCollection parameters, DateTimeOffset from, DateTimeOffset to, DateTimeOffset hour)
    {
        parameters.Add(Time(from));
        parameters.Add(Time(to));
        parameters.Add(Time(HourClock.ClosesAt(hour)));
    }

    private static NpgsqlParameter<DateTime> Time(DateTimeOffset at) => new() { TypedValue = at.UtcDateTime };
}
