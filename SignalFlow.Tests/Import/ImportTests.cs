using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Import;

/// <summary>What <c>SignalFlow.Processing import</c> makes of a database of the original system.</summary>
public sealed class ImportTests(StorageServers servers, PostgresFixture postgres)
{
    private const string Everything = """
        SELECT to_jsonb(posts) - 'subreddit_id' AS row FROM posts UNION ALL SELECT to_jsonb(post_nlp_features) FROM post_nlp_features
        UNION ALL SELECT to_jsonb(post_metrics_history) - 'subreddit_id' FROM post_metrics_history
        UNION ALL SELECT to_jsonb(subreddit_config) - 'created_at' - 'updated_at' FROM subreddit_config ORDER BY row
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(StorageServers.All), MemberType = typeof(StorageServers))]
    public async Task Every_row_is_here_or_accounted_for(StorageServer server)
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        // Some of the servers have one place, which a pool would keep.
        database.DataSource.Clear();

        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal("", run.Errors);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("1,112 1,107 0 0 5", run.Row("posts"));
        Assert.Equal("1,108 1,105 0 0 3", run.Row("post_nlp_features"));
        // 3,300 plain, 17 others, and 4 that only the posts tell of.
        Assert.Equal("3,321 3,308 0 3 10", run.Row("post_metrics_history"));
        Assert.Contains("The history includes 4 observations that only the rows of posts tell of.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of posts: 1, as title is empty. (titleless)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of posts: 1, as it has no subreddit (homeless)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of posts: 1, as its created_utc is not between 2005 and tomorrow (ancient)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of posts: 1, as it has no time with score and comments, and no history (nothing)", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "Left out of post_nlp_features: 1, as it has neither a sentiment nor a list of keywords (object)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of post_metrics_history: 2, as there is no such post (ghost, zzz)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of post_metrics_history: 2, as its post was left out (titleless, ...)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of post_metrics_history: 2, as it is older than Storage:RetentionDays (old, ...)", run.Output, StringComparison.Ordinal);
        Assert.Equal(1_107, await database.ScalarAsync<long>("SELECT count(*) FROM posts"));
        Assert.Equal(3_308, await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
        Assert.Equal(1_107, await database.ScalarAsync<long>("SELECT count(*) FROM post_nlp_features"));
    }

    [Theory]
    [InlineData(OriginalTimes.Local)]
    [InlineData(OriginalTimes.Zoned)]
    [InlineData(OriginalTimes.Epochs)]
    public async Task Posts_come_with_the_two_newest_observations_and_what_follows_from_them(OriginalTimes times)
    {
        await using var original = await OriginalSystem.CreateAsync(postgres, times);
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal(
            [
                "(bare,[deleted],0,60,120,5,1,0.5,119,4,normal)",
                "(counterless,someone,0,60,110,3,1,0.5,,,normal)",
                "(g1,author1,0,60,900.255,1,3,0.9,600.5,0,normal)",
                "(grown,someone,0,60,400.905,1200,45,0.97,100.9,45,slow)",
                "(nulls,someone,0,120,120,5,1,,,,)",
                "(object,someone,0,60,120,5,1,,,,normal)",
                "(once,someone,0,60.123456,60.123456,7,2,1,,,aggressive)",
            ],
            await database.RowsAsync($"""
                SELECT id, author, {After("created_utc")}, {After("first_seen_at")}, {After("last_polled_at")}, current_score, current_comments, current_ratio,
                  {After("prev_polled_at")}, prev_score, poll_priority
                FROM posts WHERE id NOT LIKE 'g%' AND id <> 'old' OR id IN ('g1', 'grown') ORDER BY id
                """));
        // 1,155 points in 300 s, although the original has the second observation four times.
        Assert.Equal("3.8499", (await database.ScalarAsync<double>("SELECT score_velocity FROM posts WHERE id = 'grown'")).ToString("F4"));
        Assert.Equal(0, await database.ScalarAsync<double>("SELECT score_velocity FROM posts WHERE id = 'once'"));
        Assert.Equal(
            ["(100.9,45)", "(400.905,1200)"],
            await database.RowsAsync($"SELECT {After("captured_at")}, score FROM post_metrics_history WHERE post_id = 'grown' ORDER BY captured_at"));
        // Both spellings of the original are one subreddit, as the configuration here writes it.
        Assert.Equal(
            ["(technology)", "(worldnews)"], await database.RowsAsync("SELECT name FROM subreddits ORDER BY 1"));
    }

    [Fact]
    public async Task Features_are_the_originals_where_it_has_some_and_else_found_in_the_title()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal(
            [
                "(bare,negative,f,f,\"{disaster,terrible}\")",
                "(counterless,negative,t,f,{history})",
                "(g1,positive,t,t,\"{plain,post}\")",
                "(grown,positive,t,t,\"{great,\"\"success,\"\",grows}\")",
                "(nulls,positive,f,t,{wonderful})",
                "(once,positive,t,t,\"{seen,once}\")",
            ],
            await database.RowsAsync("""
                SELECT post_id, sentiment_label, sentiment_score IN (0.25, 0.4404, 0.8316, -0.3), keywords <@ '{plain,post,seen,once,great,"success,",grows,wonderful}'::text[],
                  keywords
                FROM post_nlp_features WHERE post_id IN ('bare', 'counterless', 'g1', 'grown', 'nulls', 'once') ORDER BY 1
                """));
        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM post_nlp_features WHERE text_print <> 0 OR topic_cluster IS NULL OR sentiment_neu IS NULL"));
        Assert.Equal(
            ["grown"], await database.TextsAsync("SELECT post_id FROM post_nlp_features WHERE document @@ websearch_to_tsquery('english', 'success growing')"));
        Assert.Contains("4 posts had no usable sentiment or no keywords; these were found in the title.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_changes_nothing_and_a_later_one_brings_what_is_new()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);
        var before = await database.RowsAsync(Everything);

        var second = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(before, await database.RowsAsync(Everything));
        Assert.Equal("1,112 0 1,107 0 5", second.Row("posts"));
        Assert.Equal("1,108 0 1,105 0 3", second.Row("post_nlp_features"));
        Assert.Equal("3,321 0 3,308 3 10", second.Row("post_metrics_history"));

        // The original goes on until the operators turn it off.
        await original.ExecuteAsync($"""
            UPDATE posts SET last_polled_at = {original.At(1200)}, current_score = 500 WHERE id = 'g1';
            INSERT INTO post_metrics_history (post_id, captured_at, score, num_comments, upvote_ratio) VALUES ('g1', {original.At(1200.004)}, 500, 3, 0.9)
            """);
        var third = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);
        Assert.Equal("1,112 1 1,106 0 5", third.Row("posts"));
        Assert.Equal("3,322 1 3,308 3 10", third.Row("post_metrics_history"));
        Assert.Equal(["(500,1)"], await database.RowsAsync("SELECT current_score, prev_score FROM posts WHERE id = 'g1'"));
    }

    [Fact]
    public async Task What_was_observed_here_is_not_overwritten_and_only_completed()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        // Newer than the original's, between them, before all of them, and purged.
        await WriteAsync(writer, "g1", 2000, 777);
        await WriteAsync(writer, "g2", 700, 8);
        await WriteAsync(writer, "g3", 30, 1);
        await WriteAsync(writer, "g4", 2000, 4, purged: true);

        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            [
                "(g1,\"Title of g1\",\"Body of g1\",flair,t,https://example.org/g1,777,2000,1,900.255,60)",
                "(g2,\"Title of g2\",\"Body of g2\",flair,t,https://example.org/g2,2,900.255,8,700,60)",
                "(g3,\"Title of g3\",\"Body of g3\",flair,t,https://example.org/g3,3,900.255,0,600.5,30)",
                "(g4,[deleted],,,t,,4,2000,4,900.255,60)",
            ],
            await database.RowsAsync($"""
                SELECT id, title, selftext, flair, over_18, url, current_score, {After("last_polled_at")}, prev_score, {After("prev_polled_at")}, {After("first_seen_at")}
                FROM posts WHERE id IN ('g1', 'g2', 'g3', 'g4') ORDER BY id
                """));
        Assert.Equal(
            ["(g1,7)", "(g2,7)", "(g3,7)"],
            await database.RowsAsync("SELECT post_id, text_print FROM post_nlp_features WHERE post_id IN ('g1', 'g2', 'g3', 'g4') ORDER BY 1"));
        Assert.Equal(
            ["(g1,4)", "(g2,4)", "(g3,4)", "(g4,4)"],
            await database.RowsAsync("SELECT post_id, count(*) FROM post_metrics_history WHERE post_id IN ('g1', 'g2', 'g3', 'g4') GROUP BY 1 ORDER BY 1"));
    }

    [Fact]
    public async Task An_import_while_posts_are_being_observed_loses_nothing_of_either()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        string[] ids = [.. Enumerable.Range(1, OriginalSystem.Plain).Select(number => $"g{number}")];
        await using var import = ImportRun.Start(original.ConnectionString, database.ConnectionString);

        var rounds = 0;
        for (; !import.HasExited; rounds++)
            await ObserveAsync(writer, ids, 1000 + rounds, rounds);

        Assert.Equal((0, ""), (await import.WaitForExitAsync(), import.Errors));
        Assert.True(rounds > 1);
        Assert.Equal(
            [$"({3 + rounds},{OriginalSystem.Plain})"],
            await database.RowsAsync(
                "SELECT looks, count(*) FROM (SELECT count(*) AS looks FROM post_metrics_history WHERE post_id ~ '^g[0-9]' GROUP BY post_id) AS post GROUP BY 1"));
        // The row of every post is what its history says, as everywhere.
        Assert.Equal(
            [$"({OriginalSystem.Plain})"],
            await database.RowsAsync("""
                SELECT count(*) FROM posts
                JOIN LATERAL (SELECT score, captured_at FROM post_metrics_history WHERE post_id = id ORDER BY captured_at DESC LIMIT 1) AS newest
                  ON (captured_at, score) = (last_polled_at, current_score)
                JOIN LATERAL (SELECT score, captured_at FROM post_metrics_history WHERE post_id = id AND captured_at < last_polled_at ORDER BY captured_at DESC LIMIT 1) AS previous
                  ON (previous.captured_at, previous.score) = (prev_polled_at, prev_score)
                WHERE id ~ '^g[0-9]'
                """));
    }

    [Fact]
    public async Task The_next_observation_completes_an_imported_post()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await ImportRun.OfAsync(original.ConnectionString, pipeline.Database.ConnectionString);

        await pipeline.StartReplicaAsync();
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("grown", 700.905, 1500));

        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<int>("SELECT current_score FROM posts WHERE id = 'grown'") == 1500);
        Assert.Equal(
            ["(1,\"Body of grown\",https://example.org/grown,/r/technology/grown,1200,t,t)"],
            await pipeline.Database.RowsAsync("""
                SELECT score_velocity, selftext, url, permalink, prev_score, text_print <> 0, keywords && '{body}' FROM posts JOIN post_nlp_features ON post_id = id
                WHERE id = 'grown'
                """));
    }

    private static string After(string column) => $"round(extract(epoch FROM {column}) - {OriginalSystem.Start}, 6)::double precision";

    private static PostObservation Observation(string id, double after, int score) => new()
    {
        Id = id,
        Title = $"Title of {id}",
        Selftext = $"Body of {id}",
        Subreddit = "technology",
        Author = "someone",
        Flair = "flair",
        Over18 = true,
        Url = $"https://example.org/{id}",
        Permalink = $"/r/technology/{id}",
        CreatedUtc = OriginalSystem.Start,
        Score = score,
        NumComments = 3,
        ObservedAt = OriginalSystem.Start + after,
    };

    private static async Task WriteAsync(PostWriter writer, string id, double after, int score, bool purged = false)
    {
        var post = Observation(id, after, score);
        var sample = new Sample((long)Math.Round(post.ObservedAt!.Value * 1e6), score, 3);
        await writer.WriteAsync(
            new(
                [Change(post, PostState.First(sample)) with { Purge = purged ? new(sample.At, "author") : null }],
                [new(id, post.Subreddit, sample, 0.9)]),
            Cancel);
    }

    /// <summary>As the pipeline does it: load, add, write, and again what was written by another meanwhile.</summary>
    private static async Task ObserveAsync(PostWriter writer, string[] ids, double after, int score)
    {
        for (IReadOnlyList<string> left = ids; left.Count > 0;)
        {
            var known = await writer.LoadAsync([.. left], Cancel);
            var posts = left.Select(id => Observation(id, after, score)).ToList();
            var samples = posts.ConvertAll(post => new Sample((long)Math.Round(post.ObservedAt!.Value * 1e6), score, 3));
            var changes = posts.Zip(samples, (post, sample) =>
                Change(post, known.TryGetValue(post.Id, out var stored) ? stored.State.Add(sample) : PostState.First(sample)));
            var history = posts.Zip(samples, (post, sample) => new HistoryEntry(post.Id, post.Subreddit, sample, 0.9));
            left = (await writer.WriteAsync(new([.. changes], [.. history]), Cancel)).Stale;
        }
    }

    private static PostChange Change(PostObservation post, PostState state) => new()
    {
        Newest = post,
        State = state,
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.5, "positive", ["one"]) { TextPrint = 7 },
    };
}
