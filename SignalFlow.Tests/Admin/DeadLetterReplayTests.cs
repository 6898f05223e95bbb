using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.ServiceDefaults;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Telemetry;

namespace SignalFlow.Tests.Admin;

/// <summary>From the broken record to the stored post, through Kafka, PostgreSQL and HTTP.</summary>
public sealed class DeadLetterReplayTests(PostgresFixture postgres)
{
    [Fact]
    public async Task What_failed_is_stored_and_settled_when_its_cause_is_gone_and_it_is_replayed()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.ConstrainAsync();
        await run.Pipeline.StartReplicaAsync();
        await run.Pipeline.ProduceAsync(KafkaTopics.Raw, ReplayApplication.Bad("a1"));
        await run.StatesBecomeAsync("new 1");
        await run.ReleaseAsync();

        var answer = await run.PostAsync("/dlq/replay/1");
        await run.StatesBecomeAsync("resolved 1");

        Assert.Equal((1, false), (answer.GetProperty("replayed").GetInt64(), answer.GetProperty("dry_run").GetBoolean()));
        Assert.Equal(["(a1,bad)"], await run.Database.RowsAsync("SELECT id, title FROM posts"));
        Assert.Equal(
            ["(1,1,1,t,{})"],
            await run.Database.RowsAsync("SELECT id, replay, attempt, resolved_at IS NOT NULL, failed_replays FROM dlq_events"));
    }

    [Fact]
    public async Task The_record_goes_out_as_it_came_in_with_the_number_of_its_letter()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.Database.ExecuteAsync("""
            INSERT INTO dlq_events (
              source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt,
              dlq_partition, dlq_offset)
            VALUES ('reddit.posts.refresh', 0, 5, '\xff01', '\x00fe', '[{"key":"b","encoding":"base64","value":"/wA="},
              {"key":"traceparent","encoding":"utf-8","value":"00-é"},{"key":"n","encoding":"utf-8","value":null}]', '{}', 'text', 'r', now(), 2, 0, 0)
            """);

        await run.PostAsync("/dlq/replay/1/");

        var record = Records(run, KafkaTopics.Refresh, 1)[0];
        Assert.Equal("FF01 00FE", $"{Convert.ToHexString(record.Message.Key)} {Convert.ToHexString(record.Message.Value)}");
        Assert.Equal(
            ["b=FF00", "traceparent=" + Convert.ToHexString("00-é"u8), "n=", "sf-attempt=32", "sf-replay-of=31", "sf-replay=31"],
            record.Message.Headers.Select(header => $"{header.Key}={Convert.ToHexString(header.GetValueBytes() ?? [])}"));
    }

    [Fact]
    public async Task A_replay_that_is_traced_is_linked_to_the_first_time_and_its_record_to_it()
    {
        using var trace = new TraceRecorder(KafkaActivity.SourceName);
        await using var run = await ReplayApplication.StartAsync(postgres);
        const string First = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await run.Database.ExecuteAsync($$"""
            INSERT INTO dlq_events (
              source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt, dlq_partition, dlq_offset)
            VALUES ('reddit.posts.raw', 0, 5, 'k', 'p', '[{"key":"traceparent","encoding":"utf-8","value":"{{First}}"}]', '{}', 'json', 'r', now(), 1, 0, 0)
            """);
        run.Operator.DefaultRequestHeaders.Add("traceparent", trace.TraceParent);

        await run.PostAsync("/dlq/replay/1");

        var send = trace.Find("send reddit.posts.raw")!;
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Assert.Single(send.Links).Context.TraceId.ToString());
        Assert.Equal(
            [(KafkaActivity.TraceParent, First), (DeadLetterHeaders.ReplayTraceParent, send.Id)],
            Records(run, KafkaTopics.Raw, 1)[0].Message.Headers.Where(header => header.Key.EndsWith("traceparent", StringComparison.Ordinal))
                .Select(header => (header.Key, (string?)Encoding.UTF8.GetString(header.GetValueBytes()))));
    }

    [Fact]
    public async Task What_fails_again_is_the_same_letter_and_three_failed_replays_park_it()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.ConstrainAsync();
        await run.Pipeline.StartReplicaAsync();
        await run.Pipeline.ProduceAsync(KafkaTopics.Raw, ReplayApplication.Bad("a1"));
        await run.StatesBecomeAsync("new 1");

        await run.PostAsync("/dlq/replay/1");
        await run.StatesBecomeAsync("failed_again 1");
        await run.PostAsync("/dlq/replay", """{"filter":{"state":"failed_again"}}""");
        await Eventually.TrueAsync(async () =>
            await run.Database.ScalarAsync<string>("SELECT failed_replays::text || state FROM dlq_events") == "{1,2}failed_again");
        await run.PostAsync("/dlq/replay");
        await run.StatesBecomeAsync("parked 1");

        var all = await run.PostAsync("/dlq/replay", """{"all":true}""");
        Assert.Equal((0, 1), (all.GetProperty("replayed").GetInt64(), all.GetProperty("skipped").GetProperty("parked").GetInt64()));
        Assert.Equal("parked", (await run.PostAsync("/dlq/replay/1", status: 409)).GetProperty("reason").GetString());
        Assert.Equal(["(4,3,t)"], await run.Database.RowsAsync("SELECT attempt, replay, error_message LIKE '%no_bad_title%' FROM dlq_events"));

        await run.PostAsync("/dlq/replay/1?force=true");
        await Eventually.TrueAsync(async () =>
            await run.Database.ScalarAsync<string>("SELECT failed_replays::text || state FROM dlq_events") == "{1,2,3,4}parked");
        await run.ReleaseAsync();
        await run.PostAsync("/dlq/replay", """{"ids":[1],"force":true}""");
        await run.StatesBecomeAsync("resolved 1");
    }

    [Fact]
    public async Task In_a_batch_only_the_records_that_are_stored_settle_their_letters()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.ConstrainAsync();
        await run.StoreLettersAsync(20);
        await run.Database.ExecuteAsync(
            "UPDATE dlq_events SET payload = convert_to(replace(convert_from(payload, 'UTF8'), '\"t\"', '\"bad\"'), 'UTF8') WHERE id % 5 = 0");
        await run.PostAsync("/dlq/replay");

        await run.Pipeline.StartReplicaAsync(("Processing:BatchTimeout", "00:00:01"));
        await run.StatesBecomeAsync("failed_again 4", "resolved 16");

        Assert.Equal(16, await run.Database.ScalarAsync<long>("SELECT count(*) FROM posts"));
        Assert.True(await run.Database.ScalarAsync<bool>("SELECT bool_and((state = 'resolved') = (id % 5 <> 0)) FROM dlq_events"));
    }

    [Fact]
    public async Task A_header_settles_no_letter_of_another_record()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(1);
        await run.Database.ExecuteAsync("UPDATE dlq_events SET record_print = 99");
        var headers = new Headers { { DeadLetterHeaders.ReplayOf, "1"u8.ToArray() }, { DeadLetterHeaders.Replay, "1"u8.ToArray() } };
        await run.Pipeline.StartReplicaAsync();

        await run.Pipeline.ProduceAsync(
            KafkaTopics.Raw, "x"u8.ToArray(),
            """{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""u8.ToArray(), headers);
        await run.Pipeline.ProduceAsync(KafkaTopics.Raw, "y"u8.ToArray(), "broken"u8.ToArray(), headers);
        await run.StatesBecomeAsync("new 2");
        await Eventually.TrueAsync(async () => await run.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == 1);

        Assert.Equal(["(1,99,{})", "(2,json,1)"], [
            .. await run.Database.RowsAsync("SELECT id, record_print, failed_replays FROM dlq_events WHERE id = 1"),
            .. await run.Database.RowsAsync("SELECT id, error_class, attempt FROM dlq_events WHERE id <> 1"),
        ]);
    }

    [Fact]
    public async Task A_message_whose_headers_fill_the_topic_is_a_letter_without_them_and_holds_nobody_up()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.Pipeline.StartReplicaAsync();
        var headers = new Headers { { "huge", new byte[(4 << 20) - 200] } };

        await run.Pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), "broken"u8.ToArray(), headers);
        await run.StatesBecomeAsync("new 1");

        Assert.Equal(["(t,[],broken)"], await run.Database.RowsAsync("SELECT is_truncated, headers, convert_from(payload, 'UTF8') FROM dlq_events"));
        Assert.Equal("truncated", (await run.PostAsync("/dlq/replay/1", status: 409)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task After_an_error_that_ends_the_producer_the_next_replay_has_another_one()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        await run.StoreLettersAsync(2);
        await run.PostAsync("/dlq/replay/1");
        run.Pipeline.Kafka.PushRequestErrors(KafkaRequest.Produce, ErrorCode.OutOfOrderSequenceNumber);

        await run.PostAsync("/dlq/replay/2", status: 503);
        Assert.Equal(["new 1", "replaying 1"], await run.StatesAsync());
        await run.PostAsync("/dlq/replay/2");

        Assert.Equal(["p1", "p2"], Records(run, KafkaTopics.Raw, 2).Select(record => Encoding.UTF8.GetString(record.Message.Key)).Order());
    }

    internal static List<ConsumeResult<byte[], byte[]>> Records(ReplayApplication run, string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = run.Pipeline.Kafka.BootstrapServers,
            GroupId = Guid.NewGuid().ToString(),
            EnableAutoCommit = false,
        }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        while (records.Count < count)
            records.Add(consumer.Consume(TestContext.Current.CancellationToken));
        return records;
    }

    internal static long Produced(ReplayApplication run, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = run.Pipeline.Kafka.BootstrapServers, GroupId = "count" }).Build();
        return Enumerable.Range(0, 3).Sum(partition => consumer.QueryWatermarkOffsets(new(topic, partition), TimeSpan.FromSeconds(30)).High.Value);
    }
}
