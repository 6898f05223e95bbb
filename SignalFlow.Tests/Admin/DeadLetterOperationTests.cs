using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Storage.Audit;
using SignalFlow.Storage.DeadLetters;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Admin;

/// <summary>What operators may do with letters, whatever happens meanwhile. Without processing: nothing has an outcome by itself.</summary>
public sealed class DeadLetterOperationTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_that_come_together_on_two_instances_replay_every_letter_once()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        var other = await run.AnotherInstanceAsync();
        await run.StoreLettersAsync(500);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
            run.PostAsync("/dlq/replay", """{"all":true}""", index % 2 == 0 ? run.Operator : other)));

        Assert.Equal(500, answers.Sum(answer => answer.GetProperty("replayed").GetInt64()));
        Assert.Equal(500, DeadLetterReplayTests.Produced(run, KafkaTopics.Raw));
        Assert.Equal(["(500,1,1)"], await run.Database.RowsAsync("SELECT count(*), min(replay), max(replay) FROM dlq_events"));
    }

    [Fact]
    public async Task A_double_click_replays_once_and_the_second_is_told_why()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        var other = await run.AnotherInstanceAsync();
        await run.StoreLettersAsync(1);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 6).Select(async index =>
        {
            using var response = await (index % 2 == 0 ? run.Operator : other).PostAsync("/dlq/replay/1", null, Cancel);
            return (int)response.StatusCode;
        }));

        Assert.Equal([200, 409, 409, 409, 409, 409], statuses.Order());
        Assert.Equal(1, DeadLetterReplayTests.Produced(run, KafkaTopics.Raw));
        Assert.Equal("replaying", (await run.PostAsync("/dlq/replay/1", status: 409)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_crash_between_taking_and_sending_loses_no_letter()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(2);
        // What a process has done that dies before it sends.
        var taken = await new DeadLetterAdministration(run.Database.DataSource).ClaimAsync(
            new(), new(TimeSpan.FromMinutes(10), false, [KafkaTopics.Raw]), 10,
            ids => new AuditEntry("someone", "dlq.replay", "dlq", null, null, null), DateTimeOffset.UnixEpoch, Cancel);
        Assert.Equal(2, taken.Count);

        var early = await run.PostAsync("/dlq/replay");
        await run.Database.ExecuteAsync("UPDATE dlq_events SET claimed_at = claimed_at - interval '11 minutes' WHERE id = 1");
        var late = await run.PostAsync("/dlq/replay");

        Assert.Equal((0, 2), (early.GetProperty("replayed").GetInt64(), early.GetProperty("skipped").GetProperty("replaying").GetInt64()));
        Assert.Equal((1, 1), (late.GetProperty("replayed").GetInt64(), late.GetProperty("skipped").GetProperty("replaying").GetInt64()));
        Assert.Equal(["(1,2,replaying)", "(2,1,replaying)"], await run.Database.RowsAsync("SELECT id, replay, state FROM dlq_events ORDER BY id"));
    }

    [Fact]
    public async Task While_Kafka_is_down_letters_are_given_back_as_they_were_and_the_answer_says_so()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(2);
        await run.StoreLettersAsync(1, "failed_again");
        for (var broker = 1; broker <= 3; broker++)
            run.Pipeline.Kafka.SetBrokerDown(broker);

        var answer = await run.PostAsync("/dlq/replay", status: 503);

        Assert.Equal((0, 3), (answer.GetProperty("replayed").GetInt64(), answer.GetProperty("returned").GetInt64()));
        Assert.Equal(["failed_again 1", "new 2"], await run.StatesAsync());

        for (var broker = 1; broker <= 3; broker++)
            run.Pipeline.Kafka.SetBrokerUp(broker);
        await Eventually.TrueAsync(async () =>
        {
            using var response = await run.Operator.PostAsync("/dlq/replay", null, Cancel);
            return response.IsSuccessStatusCode;
        });
        Assert.Equal(["replaying 3"], await run.StatesAsync());
    }

    [Fact]
    public async Task Without_a_connection_to_Kafka_the_API_starts_counts_and_discards_but_does_not_replay()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var client = await ReplayApplication.OperatorOfAsync(api);
        await api.Database.ExecuteAsync("""
            INSERT INTO dlq_events (source_topic, source_partition, source_offset, headers, post_ids, error_class, error_message, failed_at, attempt, dlq_partition, dlq_offset)
            VALUES ('reddit.posts.raw', 0, 1, '[]', '{}', 'json', 'r', now(), 1, 0, 0)
            """);

        foreach (var address in (string[])["/dlq/replay", "/dlq/replay/1"])
        {
            using var response = await client.PostAsync(address, null, Cancel);
            Assert.Equal(503, (int)response.StatusCode);
            Assert.Contains("ConnectionStrings:kafka", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using var counted = await client.PostAsync("/dlq/replay/1?dry_run=true", null, Cancel);
        Assert.Equal(200, (int)counted.StatusCode);
        Assert.Equal("new", await api.Database.ScalarAsync<string>("SELECT state FROM dlq_events"));
    }

    [Fact]
    public async Task A_filter_counts_in_a_dry_run_what_it_then_replays_and_touches_nothing_else()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(7, errorClass: "storage");
        await run.StoreLettersAsync(5, errorClass: "json");
        await run.StoreLettersAsync(3, "parked", "storage");
        await run.StoreLettersAsync(2, "discarded", "storage");
        const string Filter = """{"filter":{"error_class":"storage"},"dry_run":""";

        var counted = await run.PostAsync("/dlq/replay", Filter + "true}");
        Assert.Equal(["discarded 2", "new 12", "parked 3"], await run.StatesAsync());
        var replayed = await run.PostAsync("/dlq/replay", Filter + "false}");

        Assert.Equal((0, 7, 12), Figures(counted));
        Assert.Equal((7, 0, 12), Figures(replayed));
        Assert.Equal("""{"discarded":2,"parked":3}""", counted.GetProperty("skipped").ToString());
        Assert.Equal(["discarded 2", "new 5", "parked 3", "replaying 7"], await run.StatesAsync());
        Assert.Equal(7, await run.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events WHERE state = 'replaying' AND error_class = 'storage'"));

        static (long, long, long) Figures(JsonElement answer) =>
            (answer.GetProperty("replayed").GetInt64(), answer.GetProperty("remaining").GetInt64(), answer.GetProperty("matched").GetInt64());
    }

    [Fact]
    public async Task A_letter_that_has_no_whole_content_or_no_topic_is_not_replayed()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(4);
        await run.Database.ExecuteAsync("""
            UPDATE dlq_events SET payload = NULL, headers = '[]', purged_at = now() WHERE id = 1;
            UPDATE dlq_events SET is_truncated = true WHERE id = 2;
            UPDATE dlq_events SET source_topic = 'reddit.posts.dlq' WHERE id = 3
            """);

        Assert.Equal("purged", (await run.PostAsync("/dlq/replay/1?force=true", status: 409)).GetProperty("reason").GetString());
        Assert.Equal("truncated", (await run.PostAsync("/dlq/replay/2", status: 409)).GetProperty("reason").GetString());
        Assert.Equal("source_unknown", (await run.PostAsync("/dlq/replay/3", status: 409)).GetProperty("reason").GetString());
        var selected = await run.PostAsync("/dlq/replay", """{"ids":[1,2,3,4,4,99]}""");

        Assert.Equal("""{"missing":1,"purged":1,"source_unknown":1,"truncated":1}""", selected.GetProperty("skipped").ToString());
        Assert.Equal((1, 1), (selected.GetProperty("replayed").GetInt64(), DeadLetterReplayTests.Produced(run, KafkaTopics.Raw)));
    }

    [Fact]
    public async Task Discarding_needs_a_reason_settles_the_letter_and_keeps_it_from_being_replayed()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(4);
        await run.PostAsync("/dlq/replay/4");

        var refused = await run.PostAsync("/dlq/discard/1", "{}", status: 400);
        await run.PostAsync("/dlq/discard/1", """{"reason":"a test of a producer"}""");
        var counted = await run.PostAsync("/dlq/discard", """{"filter":{"error_class":"storage"},"reason":"all","dry_run":true}""");
        var discarded = await run.PostAsync("/dlq/discard", """{"filter":{"error_class":"storage"},"reason":"all"}""");

        Assert.Equal(["reason"], refused.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal((2, 2), (counted.GetProperty("remaining").GetInt64(), discarded.GetProperty("discarded").GetInt64()));
        Assert.Equal(
            ["(1,discarded,\"a test of a producer\")", "(2,discarded,all)", "(3,discarded,all)", "(4,replaying,)"],
            await run.Database.RowsAsync("SELECT id, state, note FROM dlq_events ORDER BY id"));
        Assert.Equal("discarded", (await run.PostAsync("/dlq/replay/1?force=true", status: 409)).GetProperty("reason").GetString());
        await run.PostAsync("/dlq/discard/99", """{"reason":"x"}""", status: 404);
    }

    [Fact]
    public async Task The_audit_log_tells_who_did_what_to_how_many()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(250);

        await run.PostAsync("/dlq/replay", """{"filter":{"error_class":"storage","topic":"reddit.posts.raw"}}""");
        await run.Database.ExecuteAsync("UPDATE dlq_events SET state = 'failed_again'");
        await run.PostAsync("/dlq/replay", """{"ids":[3,4]}""");
        await run.PostAsync("/dlq/discard/7", """{"reason":"gone"}""");

        Assert.Equal(
            [
                """dlq.replay dlq {"last": 200, "first": 1, "filter": {"topic": "reddit.posts.raw", "error_class": "storage"}, "letters": 200}""",
                """dlq.replay dlq {"last": 250, "first": 201, "filter": {"topic": "reddit.posts.raw", "error_class": "storage"}, "letters": 50}""",
                """dlq.replay dlq {"ids": [3, 4], "last": 4, "first": 3, "letters": 2}""",
                """dlq.discard dlq:7 {"ids": [7], "last": 7, "first": 7, "reason": "gone", "letters": 1}""",
            ],
            await run.Database.TextsAsync("SELECT action || ' ' || target || ' ' || new FROM audit_log WHERE action LIKE 'dlq.%' ORDER BY id"));
        Assert.True(await run.Database.ScalarAsync<bool>(
            "SELECT bool_and(actor LIKE 'operator-%' AND address = '127.0.0.1') FROM audit_log WHERE action LIKE 'dlq.%'"));
    }

    [Theory]
    [InlineData("/dlq/replay", """{"filter":{"topc":"x"}}""", "filter.topc")]
    [InlineData("/dlq/replay", """{"filter":{"state":"lost"}}""", "filter.state")]
    [InlineData("/dlq/replay", """{"filter":{"from":"soon"}}""", "filter.from")]
    [InlineData("/dlq/replay", "{}", "ids")]
    [InlineData("/dlq/replay", """{"all":true,"ids":[1]}""", "ids")]
    [InlineData("/dlq/replay", """{"ids":[]}""", "ids")]
    [InlineData("/dlq/replay", """{"ids":["x"]}""", "ids[0]")]
    [InlineData("/dlq/replay", """{"all":true,"force":true}""", "force")]
    [InlineData("/dlq/replay", """{"all":true,"continue":"?"}""", "continue")]
    [InlineData("/dlq/replay", "[", "body")]
    [InlineData("/dlq/replay/1?dry_run=perhaps", null, "dry_run")]
    [InlineData("/dlq/discard", """{"filter":{},"reason":"x"}""", "filter")]
    [InlineData("/dlq/discard", """{"ids":[1],"reason":" "}""", "reason")]
    [InlineData("/dlq/discard/1", """{"ids":[1],"reason":"x"}""", "ids")]
    public async Task What_is_wrong_is_named_and_changes_nothing(string address, string? body, string field)
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(1);

        var problem = await run.PostAsync(address, body, status: 400);

        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(["new 1"], await run.StatesAsync());
    }

    [Fact]
    public async Task A_walk_goes_on_where_it_stopped_and_takes_no_letter_that_failed_since()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(10);
        var token = SignalFlow.Api.DeadLetters.Replaying.ReplayRun.Token(new() { After = 4, Until = 8 });

        var answer = await run.PostAsync("/dlq/replay", $$"""{"all":true,"continue":"{{token}}"}""");

        Assert.Equal(4, answer.GetProperty("replayed").GetInt64());
        Assert.Equal(["(5)", "(6)", "(7)", "(8)"], await run.Database.RowsAsync("SELECT id FROM dlq_events WHERE state = 'replaying' ORDER BY id"));
    }
}
