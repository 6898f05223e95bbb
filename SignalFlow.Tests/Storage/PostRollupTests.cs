using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>The rollups always tell what a count of all posts would.</summary>
public sealed class PostRollupTests(StorageServers servers, PostgresFixture postgres)
{
    private const string Stored = """
        SELECT bucket, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, round(sentiment_sum::numeric, 9), most_scored_id, most_scored,
          most_discussed_id, most_discussed
        FROM post_stats_hourly ORDER BY bucket, subreddit_id
        """;

    private const string Expected = """
        SELECT date_trunc('hour', posts.created_utc, 'UTC'), subreddit_id, count(*), sum(current_score), sum(current_comments), count(*) FILTER (WHERE is_trending),
          count(sentiment_score), round(coalesce(sum(sentiment_score), 0)::numeric, 9),
          (array_agg(id ORDER BY current_score DESC, id) FILTER (WHERE purged_at IS NULL))[1], max(current_score) FILTER (WHERE purged_at IS NULL),
          (array_agg(id ORDER BY current_comments DESC, id) FILTER (WHERE purged_at IS NULL))[1], max(current_comments) FILTER (WHERE purged_at IS NULL)
        FROM posts LEFT JOIN post_nlp_features ON post_id = id GROUP BY 1, 2 ORDER BY 1, 2
        """;

    private const string StoredDays = """
        SELECT day, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, round(sentiment_sum::numeric, 9), most_scored_id, most_scored,
          most_discussed_id, most_discussed
        FROM post_stats_daily ORDER BY day, subreddit_id
        """;

    private static readonly string ExpectedDays = Expected.Replace(
        "date_trunc('hour', posts.created_utc, 'UTC')", "(posts.created_utc AT TIME ZONE 'UTC')::date", StringComparison.Ordinal);

    private const string StoredAuthors = "SELECT day, author, posts, score_sum FROM post_author_days ORDER BY day, author";

    private const string ExpectedAuthors = """
        SELECT (created_utc AT TIME ZONE 'UTC')::date, author, count(*), sum(current_score) FROM posts
        WHERE purged_at IS NULL AND author <> '[deleted]' GROUP BY 1, 2 ORDER BY 1, 2
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StorageServer> All => StorageServers.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Rollups_equal_a_full_count_whatever_came_between(StorageServer server)
    {
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        var posts = new RandomPosts(new(17));
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        for (var round = 0; round < 6; round++)
        {
            await writer.WriteAsync(posts.NextBatch(60), Cancel);
            await CountAsync(database);
            if (round % 2 == 1)
                await CountAsync(database);

            Assert.Equal(await database.RowsAsync(Expected), await database.RowsAsync(Stored));
            Assert.Equal(await database.RowsAsync(ExpectedDays), await database.RowsAsync(StoredDays));
            Assert.Equal(await database.RowsAsync(ExpectedAuthors), await database.RowsAsync(StoredAuthors));
        }
    }

    [Fact]
    public async Task A_mark_stays_until_a_count_has_surely_seen_its_transaction()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await writer.WriteAsync(new RandomPosts(new(1)).NextBatch(40), Cancel);

        await CountAsync(database);
        var young = await database.ScalarAsync<long>("SELECT count(*) FROM rollup_marks WHERE source = 'posts'");
        await database.ExecuteAsync("UPDATE rollup_marks SET touched_at = touched_at - interval '3 minutes'");
        await CountAsync(database);

        Assert.NotEqual(0, young);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM rollup_marks WHERE source <> 'history'"));
    }

    [Fact]
    public async Task A_transaction_that_commits_after_a_count_is_in_the_next_one()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await writer.WriteAsync(new RandomPosts(new(1)).NextBatch(10), Cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using (var update = new Npgsql.NpgsqlCommand("UPDATE posts SET current_score = current_score + 1000", connection))
            await update.ExecuteNonQueryAsync(Cancel);

        await CountAsync(database);
        await transaction.CommitAsync(Cancel);
        await CountAsync(database);

        Assert.Equal(await database.RowsAsync(Expected), await database.RowsAsync(Stored));
    }

    [Fact]
    public async Task Counting_again_writes_nothing()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await writer.WriteAsync(new RandomPosts(new(1)).NextBatch(40), Cancel);
        await CountAsync(database);
        var before = await database.RowsAsync("SELECT ctid, xmin FROM post_stats_hourly UNION ALL SELECT ctid, xmin FROM post_author_days");

        await CountAsync(database);

        Assert.Equal(before, await database.RowsAsync("SELECT ctid, xmin FROM post_stats_hourly UNION ALL SELECT ctid, xmin FROM post_author_days"));
    }

    [Fact]
    public async Task An_hour_of_many_posts_is_counted_less_often_and_not_forgotten()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await writer.WriteAsync(new RandomPosts(new(1)).NextBatch(40), Cancel);
        await CountAsync(database);
        await database.ExecuteAsync("UPDATE post_stats_hourly SET posts = 1000000; UPDATE posts SET current_score = current_score + 1000");

        await CountAsync(database);
        Assert.NotEqual(await database.RowsAsync(Expected), await database.RowsAsync(Stored));

        await database.ExecuteAsync("UPDATE rollup_marks SET counted_at = counted_at - interval '1 day'");
        await CountAsync(database);
        Assert.Equal(await database.RowsAsync(Expected), await database.RowsAsync(Stored));
    }

    private static async Task CountAsync(MigratedDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancel);
        await PostRollup.RunAsync(connection, Cancel);
        await AuthorRollup.RunAsync(connection, Cancel);
    }
}
