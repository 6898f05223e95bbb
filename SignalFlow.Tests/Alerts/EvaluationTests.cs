using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class EvaluationTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_fires_once_for_each_post_however_often_it_is_evaluated()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await alerts.StoreAsync(alerts.Post("before", "A rocket that was there already", seenAt: alerts.Now.AddSeconds(-30)));
        var rule = await alerts.AddQueryAsync("rocket -model");
        await alerts.StoreAsync(alerts.Post("a", "Rockets everywhere"), alerts.Post("b", "A model rocket"), alerts.Post("c", "Boats"));

        Assert.Equal(1, await alerts.EvaluateAsync());
        Assert.Equal(0, await alerts.EvaluateAsync());
        // A restart that has lost its place.
        await alerts.Database.ExecuteAsync("UPDATE alert_rules SET evaluated_to = '0'");
        Assert.Equal(0, await alerts.EvaluateAsync(alerts.NewEvaluation()));
        Assert.Equal(["a"], await alerts.PostsAsync(rule));
    }

    [Theory]
    [InlineData("\"new york\"", "phrase")]
    [InlineData("sub:Science", "science")]
    [InlineData("author:ANA", "ana")]
    [InlineData("flair:\"Open Source\"", "flair")]
    [InlineData("score>=100", "score")]
    [InlineData("york -\"new york\"", "words")]
    [InlineData("\"the who\"", "stop")]
    [InlineData("NOT (york OR sub:science OR author:ana OR flair:\"open source\" OR score>=100 OR who)", "rest")]
    [InlineData("x'; DROP TABLE posts; --a", "")]
    public async Task Each_part_of_a_query_finds_its_post(string query, string id)
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddQueryAsync(query);
        await alerts.StoreAsync(
            alerts.Post("phrase", "News from New York"), alerts.Post("words", "York is not new"), alerts.Post("science", subreddit: "science"),
            alerts.Post("ana", author: "Ana"), alerts.Post("flair", flair: "open source"), alerts.Post("score", score: 100), alerts.Post("stop", "The Who"),
            alerts.Post("rest"));
        await alerts.EvaluateAsync();
        Assert.Equal(id == "" ? [] : [id], await alerts.PostsAsync(rule));
    }

    [Fact]
    public async Task What_is_committed_late_is_found_although_later_transactions_were_looked_at()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddQueryAsync("rocket");
        await alerts.StoreAsync(alerts.Post("seed", "rocket"));
        await alerts.EvaluateAsync();

        await using var slow = await alerts.Source.OpenConnectionAsync(Cancel);
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await ExecuteAsync("""
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'slow', subreddit_id, 'rocket', created_utc, first_seen_at, last_polled_at, 1, 1 FROM posts WHERE id = 'seed'
            """);
        await ExecuteAsync("""
            INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords, created_utc, document)
            SELECT 'slow', 0, 'neutral', '{}', created_utc, document FROM post_nlp_features WHERE post_id = 'seed'
            """);
        await alerts.StoreAsync(alerts.Post("quick", "rocket"));
        await alerts.EvaluateNowAsync();
        await transaction.CommitAsync(Cancel);
        await alerts.EvaluateAsync();

        Assert.Equal(["quick", "seed", "slow"], (await alerts.PostsAsync(rule)).Order());

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, slow);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }

    [Fact]
    public async Task Under_concurrent_writers_and_two_evaluators_every_post_fires_once()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddQueryAsync("rocket");
        using var written = new CancellationTokenSource();
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var batch = 0; batch < 8; batch++)
            {
                // Times of the data in any order.
                await alerts.StoreAsync([.. Enumerable.Range(0, 3).Select(number =>
                    alerts.Post($"w{writer}b{batch}n{number}", "rocket", seenAt: alerts.Now.AddSeconds(60 - (writer * 7 + batch * 5 + number) % 30)))]);
            }
        }));
        var evaluators = Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var evaluation = alerts.NewEvaluation();
            while (!written.IsCancellationRequested)
                await alerts.EvaluateNowAsync(evaluation);
        }));
        await writers;
        await written.CancelAsync();
        await evaluators;
        await alerts.EvaluateAsync();

        // The limit of an hour is above it.
        Assert.Equal(96, (await alerts.PostsAsync(rule)).Distinct().Count());
        Assert.Equal(96, await alerts.Database.ScalarAsync<long>("SELECT count(*) FROM alerts"));
    }

    [Fact]
    public async Task Posts_of_one_story_are_one_alert_within_the_window_and_another_after_it()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddRuleAsync(new() { Kind = AlertKinds.Query, Query = "rocket", DedupeMinutes = 60 });
        await alerts.StoreAsync(
            alerts.Post("a", "rocket", topic: 7, seenAt: alerts.Now.AddMinutes(1)), alerts.Post("b", "rocket", topic: 7, seenAt: alerts.Now.AddMinutes(2)),
            alerts.Post("c", "rocket", topic: 8, seenAt: alerts.Now.AddMinutes(3)));
        await alerts.EvaluateAsync();
        await alerts.StoreAsync(
            alerts.Post("d", "rocket", topic: 7, seenAt: alerts.Now.AddMinutes(4)), alerts.Post("e", "rocket", topic: 7, seenAt: alerts.Now.AddMinutes(61)));
        await alerts.EvaluateAsync();
        Assert.Equal(["a", "c", "e"], await alerts.PostsAsync(rule));
    }

    [Fact]
    public async Task A_score_is_waited_for()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddQueryAsync("rocket score>100");
        await alerts.StoreAsync(alerts.Post("a", "rocket", score: 5));
        await alerts.EvaluateAsync();
        await alerts.Database.ExecuteAsync("UPDATE posts SET current_score = 500");
        Assert.Equal(0, await alerts.EvaluateAsync());
        alerts.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await alerts.EvaluateAsync());
        alerts.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await alerts.EvaluateAsync());
        Assert.Equal(["a"], await alerts.PostsAsync(rule));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task A_score_is_seen_however_many_posts_have_been_alerted_on_before(int dedupeMinutes)
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddRuleAsync(new() { Kind = AlertKinds.Query, Query = "score>=50", DedupeMinutes = dedupeMinutes });
        var known = Enumerable.Range(0, 1_100).Select(number => (
            Id: $"p{number}", Topic: number % 2 == 0 ? number - 500 : (int?)null, SeenAt: alerts.Now.AddSeconds(number * 10).AddMicroseconds(number))).ToList();
        await alerts.StoreAsync([.. known.Select(post => alerts.Post(post.Id, score: 60, topic: post.Topic, seenAt: post.SeenAt))]);
        await alerts.FireAsync(rule, known.ConvertAll(post => new RuleMatch(
            post.Topic is { } topic ? $"topic:{topic}" : $"post:{post.Id}", $"post:{post.Id}", post.SeenAt)));
        await alerts.StoreAsync(alerts.Post("new", score: 60, seenAt: alerts.Now.AddHours(5)));

        Assert.Equal(1, await alerts.EvaluateAsync());

        Assert.Equal("new", (await alerts.PostsAsync(rule))[^1]);
        Assert.Equal(0, await alerts.Database.ScalarAsync<long>("SELECT suppressed FROM alert_rules"));
    }

    [Fact]
    public async Task Old_posts_and_purged_ones_are_no_news()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var rule = await alerts.AddQueryAsync("rocket OR deleted");
        await alerts.StoreAsync(
            alerts.Post("old", "rocket", createdAt: alerts.Now.AddDays(-3), seenAt: alerts.Now), alerts.Post("gone", "rocket"), alerts.Post("new", "rocket"));
        await alerts.StoreAsync(alerts.Post("gone", purge: new(alerts.Now.ToUnixTimeMilliseconds() * 1000, "moderator")));
        await alerts.EvaluateAsync();
        Assert.Equal(["new"], await alerts.PostsAsync(rule));
    }

    [Fact]
    public async Task Events_fire_by_kind_subreddit_and_strength_and_only_once()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var low = await alerts.AddRuleAsync(new() { Kind = AlertKinds.Surge, Sensitivity = AlertSensitivity.Low, DedupeMinutes = 0 });
        var high = await alerts.AddRuleAsync(
            new() { Kind = AlertKinds.Surge, Sensitivity = AlertSensitivity.High, DedupeMinutes = 0, Subreddits = ["technology"] });
        var own = await alerts.AddRuleAsync(new() { Kind = AlertKinds.Surge, MinStrength = 9.5, DedupeMinutes = 0 });
        var about = await alerts.AddRuleAsync(new() { Kind = AlertKinds.Surge, Query = "rocket", Sensitivity = AlertSensitivity.High, DedupeMinutes = 0 });
        await alerts.StoreAsync(alerts.Post("p", "A rocket"), alerts.Post("q", "A boat"));
        var events = new[]
        {
            alerts.Surge("weak", 3.5, "p"), alerts.Surge("strong", 9, "q"), alerts.Surge("elsewhere", 10, subreddit: "Science"),
            alerts.Surge("long ago", 20, at: alerts.Now.AddHours(-1)),
            alerts.Surge("other kind", 20) with { Kind = AlertKinds.Anomaly },
        };
        Assert.Equal(5, await alerts.NoticeAsync(events));
        Assert.Equal(0, await alerts.NoticeAsync(events));
        await alerts.EvaluateAsync();
        Assert.Equal(0, await alerts.EvaluateAsync());

        Assert.Equal(["elsewhere", "strong"], await alerts.KeysAsync(low));
        Assert.Equal(["strong", "weak"], await alerts.KeysAsync(high));
        Assert.Equal(["elsewhere"], await alerts.KeysAsync(own));
        Assert.Equal(["weak"], await alerts.KeysAsync(about));
    }

    [Fact]
    public async Task A_purge_takes_the_words_of_an_event_and_later_events_bring_none_back()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await alerts.StoreAsync(alerts.Post("p", "A rocket"));
        await alerts.NoticeAsync(alerts.Surge("before", 9, "p"), alerts.Surge("other", 9, "q"));
        await alerts.StoreAsync(alerts.Post("p", purge: new(alerts.Now.ToUnixTimeMilliseconds() * 1000, "moderator")));
        await alerts.NoticeAsync(alerts.Surge("after", 9, "p"));
        Assert.Equal(
            ["after {}", "before {}", """other {"reason": "words of the title"}"""],
            await alerts.Database.TextsAsync("SELECT key || ' ' || detail FROM signal_events ORDER BY key"));
    }

    [Fact]
    public async Task A_rule_that_rests_and_one_whose_owner_may_no_longer_have_it_fire_nothing()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await alerts.AddQueryAsync("rocket", rule => rule with { Active = false });
        await alerts.StoreAsync(alerts.Post("a", "rocket"));
        Assert.Equal(0, await alerts.EvaluateAsync());
        await alerts.AddQueryAsync("rocket");
        await alerts.StoreAsync(alerts.Post("b", "rocket"));
        await alerts.Database.ExecuteAsync("UPDATE users SET role = 'viewer'");
        Assert.Equal(0, await alerts.EvaluateAsync());
        await alerts.Database.ExecuteAsync("UPDATE users SET role = 'analyst', is_active = false");
        Assert.Equal(0, await alerts.EvaluateAsync());
    }

    [Fact]
    public async Task A_rule_fires_at_most_so_often_an_hour_and_counts_the_rest()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await alerts.AddQueryAsync("rocket");
        await alerts.StoreAsync([.. Enumerable.Range(0, FiredAlerts.MostPerHour + 5).Select(number => alerts.Post($"p{number:000}", "rocket"))]);
        Assert.Equal(FiredAlerts.MostPerHour, await alerts.EvaluateAsync());
        Assert.Equal(5, await alerts.Database.ScalarAsync<long>("SELECT suppressed FROM alert_rules"));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_evaluated_says_so_and_holds_up_no_other()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var broken = await alerts.AddQueryAsync("rocket");
        var sound = await alerts.AddQueryAsync("rocket");
        await alerts.Database.ExecuteAsync($"ALTER TABLE alerts ADD CHECK (rule_id <> {broken.Id})");
        await alerts.StoreAsync(alerts.Post("a", "rocket"));
        await alerts.EvaluateAsync();
        Assert.Equal(["a"], await alerts.PostsAsync(sound));
        Assert.Equal("The evaluation failed.", await alerts.Database.ScalarAsync<string>($"SELECT error FROM alert_rules WHERE id = {broken.Id}"));
    }
}
