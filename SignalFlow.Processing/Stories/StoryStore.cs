using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Processing.Stories;

/// <summary>The table <c>post_stories</c>.</summary>
internal sealed class StoryStore(NpgsqlDataSource dataSource)
{
    // Longer than the stream remembers titles: a look at what is stored finds all that it knows.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(48);

    /// <summary>Posts are told of some seconds after they were first seen: those that are stored a little later come in their order then.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private const int MostPosts = 2_000;

    private const string Posts = """
        SELECT post.id, post.created_utc, post.first_seen_at, subreddit.name, post.title, post.url
        FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
        WHERE post.created_utc >= $1 AND post.first_seen_at < $2 AND post.purged_at IS NULL
          AND NOT EXISTS (SELECT FROM post_stories known WHERE known.post_id = post.id)
        """;

    // A few rows by their index, however many posts there are.
    private const string Written = " AND post.id IN (SELECT post_id FROM post_nlp_features WHERE written_in >= $4)";

    private const string Next = """
         ORDER BY post.first_seen_at, post.created_utc, post.id COLLATE "C" LIMIT $3
        """;

    // What commits after this statement was written by a transaction that is not over yet, or by a later one.
    private const string Position = """
        SELECT least(pg_snapshot_xmin(pg_current_snapshot()), (
          SELECT nlp.written_in FROM post_nlp_features nlp JOIN posts post ON post.id = nlp.post_id
          WHERE nlp.written_in >= $1 AND post.first_seen_at >= $2
          ORDER BY nlp.written_in LIMIT 1))
        """;

    /// <summary>What the stream knew, in its order.</summary>
    public async Task<List<(StoryPost Post, long Story)>> RestoreAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT post.id, post.created_utc, known.seen_at, subreddit.name, post.title, post.url, known.story
            FROM post_stories known JOIN posts post ON post.id = known.post_id JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            WHERE known.seen_at >= $1 AND post.purged_at IS NULL
            ORDER BY known.seen_at, post.created_utc, post.id COLLATE "C"
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (now - Remembered).UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<(StoryPost, long)>();
        while (await reader.ReadAsync(cancellationToken))
            posts.Add((Read(reader), reader.GetInt64(6)));
        return posts;
    }

    /// <summary>The next posts without a story, in the order of their first sight; those of before the stream's reach have none.</summary>
    /// <param name="now">Of this look.</param>
    /// <param name="from">The position of the look before; null: looks at all posts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<StoryPage> NextAsync(DateTimeOffset now, ulong? from, CancellationToken cancellationToken)
    {
        var settled = (now - Settling).UtcDateTime;
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new(Position)
        {
            Parameters = { new() { Value = from ?? 0, NpgsqlDbType = NpgsqlDbType.Xid8 }, new NpgsqlParameter<DateTime> { TypedValue = settled } },
        });
        var next = new NpgsqlBatchCommand(from is null ? Posts + Next : Posts + Written + Next)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTime> { TypedValue = (now - Remembered).UtcDateTime },
                new NpgsqlParameter<DateTime> { TypedValue = settled },
                new NpgsqlParameter<int> { TypedValue = MostPosts },
            },
        };
        if (from is { } written)
            next.Parameters.Add(new() { Value = written, NpgsqlDbType = NpgsqlDbType.Xid8 });
        batch.BatchCommands.Add(next);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var position = reader.GetFieldValue<ulong>(0);
        await reader.NextResultAsync(cancellationToken);
        var posts = new List<StoryPost>();
        while (await reader.ReadAsync(cancellationToken))
            posts.Add(Read(reader));
        return posts.Count == MostPosts ? new(posts, from, IsLast: false) : new(posts, position, IsLast: true);
    }

    /// <summary>In one transaction: of a story that was absorbed no post is left behind.</summary>
    public async Task StoreAsync(IReadOnlyList<(StoryPost Post, StoryAssignment Story)> found, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(Insert(found));
        foreach (var (_, story) in found)
        {
            if (story.Absorbed is { } absorbed)
                batch.BatchCommands.Add(Absorb(absorbed, story.Story));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Insert(IReadOnlyList<(StoryPost Post, StoryAssignment Story)> found)
    {
        var command = new NpgsqlBatchCommand("""
            INSERT INTO post_stories (post_id, story, evidence, similarity, seen_at)
            SELECT given.* FROM unnest($1, $2, $3, $4, $5) AS given (post_id, story, evidence, similarity, seen_at)
            WHERE EXISTS (SELECT FROM posts WHERE posts.id = given.post_id)
            ON CONFLICT DO NOTHING
            """);
        Add(NpgsqlDbType.Text, row => row.Post.Id);
        Add(NpgsqlDbType.Bigint, row => row.Story.Story);
        Add(NpgsqlDbType.Smallint, row => (short)row.Story.Evidence);
        Add(NpgsqlDbType.Double, row => row.Story.Similarity);
        Add(NpgsqlDbType.TimestampTz, row => row.Post.SeenAt.UtcDateTime);
        return command;

        void Add<T>(NpgsqlDbType type, Func<(StoryPost Post, StoryAssignment Story), T> column) =>
            command.Parameters.Add(new() { Value = found.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private static NpgsqlBatchCommand Absorb(long younger, long older) => new("UPDATE post_stories SET story = $2 WHERE story = $1")
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = younger }, new NpgsqlParameter<long> { TypedValue = older } },
    };

    private static StoryPost Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetDateTime(1), reader.GetDateTime(2), reader.GetString(3), reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetString(5));
}

/// <param name="Posts">In the order of their first sight.</param>
/// <param name="Position">
/// The transaction from which on the next look has to look. Every post that this one has not seen, or that is not to be told of yet, was written
/// by that one or a later one.
/// </param>
/// <param name="IsLast">There are no more of them now.</param>
internal sealed record StoryPage(List<StoryPost> Posts, ulong? Position, bool IsLast);
