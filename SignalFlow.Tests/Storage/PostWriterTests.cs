using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class PostWriterTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const long Start = 1_795_428_000_000_000;
    private const long Second = 1_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_post_is_stored_with_features_and_history()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);

        var result = await writer.WriteAsync(Batch(Change("a", PostState.First(new(Start, 10, 2)))), Cancel);

        Assert.Empty(result.Stale);
        Assert.Empty(result.Purged);
        Assert.Equal("Title of a\nwith 👩‍🚀", await database.ScalarAsync<string>("SELECT title FROM posts WHERE id = 'a'"));
        Assert.Equal(["one", "two words"], await database.ScalarAsync<string[]>("SELECT keywords FROM post_nlp_features WHERE post_id = 'a'"));
        Assert.Equal(
            ["(0.1,0.2,0.7,42)"],
            await database.RowsAsync("SELECT sentiment_neg, sentiment_neu, sentiment_pos, topic_cluster FROM post_nlp_features"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history WHERE post_id = 'a'"));
    }

    [Fact]
    public async Task Features_from_before_a_column_are_completed_and_complete_ones_are_left_alone()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);
        var first = PostState.First(new(Start, 10, 2));
        await writer.WriteAsync(new PostBatch([Change("a", first), Change("b", first)], []), Cancel);
        await database.ExecuteAsync("""
            UPDATE post_nlp_features SET topic_cluster = 7;
            UPDATE post_nlp_features SET sentiment_neg = NULL, sentiment_neu = NULL, sentiment_pos = NULL, topic_cluster = NULL, text_print = NULL WHERE post_id = 'a'
            """);

        var second = first.Add(new(Start + 60 * Second, 70, 8));
        await writer.WriteAsync(new PostBatch([Change("a", second), Change("b", second)], []), Cancel);

        Assert.Equal(
            ["(a,0.7,42)", "(b,0.7,7)"],
            await database.RowsAsync("SELECT post_id, sentiment_pos, topic_cluster FROM post_nlp_features ORDER BY post_id"));
    }

    [Fact]
    public async Task Writing_a_batch_again_changes_nothing()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);
        var batch = Batch(Change("a", PostState.First(new(Start, 10, 2)).Add(new(Start + 60 * Second, 70, 8))));
        await writer.WriteAsync(batch, Cancel);
        var before = await Everything(database);

        await writer.WriteAsync(batch, Cancel);

        Assert.Equal(before, await Everything(database));
    }

    [Fact]
    public async Task A_state_that_misses_a_stored_observation_is_not_written_but_reported()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);
        var first = PostState.First(new(Start, 10, 2));
        var second = first.Add(new(Start + 60 * Second, 70, 8));
        await writer.WriteAsync(Batch(Change("a", first)), Cancel);
        await writer.WriteAsync(Batch(Change("a", second)), Cancel);

        // Made from the state before the second observation: its velocity would span the wrong interval.
        var fromStaleState = first.Add(new(Start + 120 * Second, 100, 9));
        Assert.Equal(["a"], (await writer.WriteAsync(Batch(Change("a", fromStaleState)), Cancel)).Stale);
        Assert.Equal(70, await database.ScalarAsync<int>("SELECT current_score FROM posts"));

        var stored = (await writer.LoadAsync(["a"], Cancel))["a"].State;
        Assert.Equal(second, stored);
        Assert.Empty((await writer.WriteAsync(Batch(Change("a", stored.Add(new(Start + 120 * Second, 100, 9)))), Cancel)).Stale);
        Assert.Equal(0.5, await database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-12);
    }

    [Fact]
    public async Task A_late_observation_between_the_two_newest_corrects_the_velocity()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);
        var state = PostState.First(new(Start, 0, 0)).Add(new(Start + 100 * Second, 100, 0));
        await writer.WriteAsync(Batch(Change("a", state)), Cancel);

        await writer.WriteAsync(Batch(Change("a", state.Add(new(Start + 90 * Second, 60, 0)))), Cancel);

        Assert.Equal(4.0, await database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-12);
        Assert.Equal(100, await database.ScalarAsync<int>("SELECT current_score FROM posts"));
    }

    [Theory]
    [InlineData("moderator", "absent", 0, "absent")]
    [InlineData("absent", "moderator", 0, "absent")]
    [InlineData("reddit", "author", 60, "reddit")]
    [InlineData("reddit", "author", -60, "author")]
    public async Task Of_two_purges_the_earliest_counts_and_of_one_instant_the_reason_that_sorts_first(
        string first, string second, int secondsLater, string expected)
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = Writer(database);
        var change = Change("a", PostState.First(new(Start, 10, 2)));

        var one = await writer.WriteAsync(Batch(change with { Purge = new(Start, first) }), Cancel);
        var other = await writer.WriteAsync(Batch(change with { Purge = new(Start + secondsLater * Second, second) }), Cancel);

        Assert.Equal([first], one.NewlyPurged);
        Assert.Empty(other.NewlyPurged);
        Assert.Equal(new(Start + Math.Min(0, secondsLater) * Second, expected), other.Purged["a"]);
        Assert.Equal(expected, await database.ScalarAsync<string>("SELECT purge_reason FROM posts"));
    }

    [Fact]
    public async Task Each_day_of_history_has_its_partition_and_some_ahead()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        await Writer(database).WriteAsync(Batch(Change("a", PostState.First(new(Start, 1, 1)))), Cancel);

        Assert.Equal(
            ["(post_metrics_history_20261123)", "(post_metrics_history_20261124)", "(post_metrics_history_20261125)", "(post_metrics_history_20261126)"],
            await database.RowsAsync("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'post_metrics_history'::regclass ORDER BY 1"));
    }

    [Fact]
    public async Task Writers_that_share_posts_neither_deadlock_nor_lose_observations()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        const int posts = 40, rounds = 15, writers = 3;

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var store = Writer(database);
            for (var round = 0; round < rounds; round++)
            {
                var at = Start + (round * writers + writer) * Second;
                // Each writer names the posts in an order of its own, and the subreddits are new to all of them.
                var ids = Enumerable.Range(0, posts).Select(post => $"p{post}").ToArray();
                new Random(writer * 1000 + round).Shuffle(ids);
                for (IReadOnlyList<string> left = ids; left.Count > 0;)
                {
                    var states = await store.LoadAsync([.. left], Cancel);
                    var sample = new Sample(at, round * writers + writer, 0);
                    var changes = left.Select(id => Change(id, states.TryGetValue(id, out var known) ? known.State.Add(sample) : PostState.First(sample)));
                    left = (await store.WriteAsync(new([.. changes], [.. left.Select(id => new HistoryEntry(id, "sub" + id, sample, null))]), Cancel)).Stale;
                }
            }
        })));

        Assert.Equal(posts * rounds * writers, await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
        Assert.Equal(
            [$"({rounds * writers - 1},1,{posts})"],
            await database.RowsAsync("SELECT current_score, score_velocity, count(*) FROM posts GROUP BY 1, 2"));
    }

    [Fact]
    public async Task Activating_adds_missing_subreddits_and_wakes_inactive_ones()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("UPDATE subreddit_config SET is_active = false WHERE name IN ('news', 'worldnews')");
        var store = new SubredditConfigStore(database.DataSource);

        await store.ActivateAsync(["NEWS", "brand_new", "Brand_New"], "fast", "test", Cancel);

        var active = await store.GetActiveAsync(Cancel);
        Assert.Contains(active, row => row is { Name: "news" });
        Assert.DoesNotContain(active, row => row is { Name: "worldnews" });
        Assert.Single(active, row => row.Name.Equals("brand_new", StringComparison.OrdinalIgnoreCase) && row.Priority == "fast");
    }

    private static PostWriter Writer(MigratedDatabase database) => new(database.DataSource, new HistoryPartitions(database.DataSource));

    private static PostBatch Batch(PostChange change)
    {
        var samples = new[] { change.State.Last }.Concat(change.State.Previous is { } previous ? [previous] : []);
        return new([change], [.. samples.Select(sample => new HistoryEntry(change.Newest.Id, change.Newest.Subreddit, sample, 0.9))]);
    }

    private static PostChange Change(string id, PostState state) => new()
    {
        Newest = new PostObservation
        {
            Id = id,
            Title = $"Title of {id}\nwith 👩‍🚀",
            Subreddit = "sub" + id,
            CreatedUtc = Start / 1e6 - 600,
            Score = state.Last.Score,
            NumComments = state.Last.Comments,
        },
        State = state,
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.5, "positive", ["one", "two words"]) { Negative = 0.1, Neutral = 0.2, Positive = 0.7, TopicCluster = 42 },
    };

    private static async Task<IReadOnlyList<string>> Everything(MigratedDatabase database) =>
    [
        .. await database.RowsAsync("SELECT * FROM posts ORDER BY id"),
        .. await database.RowsAsync("SELECT * FROM post_nlp_features ORDER BY post_id"),
        .. await database.RowsAsync("SELECT * FROM post_metrics_history ORDER BY post_id, captured_at"),
    ];
}
