using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

public sealed class DeadLetterEventTests(PostgresFixture postgres)
{
    private const string Group = "signalflow-processing-dlq";

    [Fact]
    public async Task A_message_that_cannot_be_processed_becomes_one_row_with_all_that_is_known_of_it()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        var headers = new Headers { { "traceparent", "00-1"u8.ToArray() }, { "binary", [0xFF, 0x00] } };

        await pipeline.ProduceAsync(KafkaTopics.Refresh, "a1"u8.ToArray(), """{"id":"a1","title":"cut"""u8.ToArray(), headers);
        await Rows(pipeline, 1);

        Assert.Equal(
            ["(reddit.posts.refresh,0,json,1,new,{a1},,,0,0)"],
            await pipeline.Database.RowsAsync("""
                SELECT source_topic, source_offset, error_class, attempt, state, post_ids, note, purged_at, dlq_partition, dlq_offset FROM dlq_events
                """));
        Assert.Equal("""{"id":"a1","title":"cut""", await pipeline.Database.ScalarAsync<string>("SELECT convert_from(payload, 'UTF8') FROM dlq_events"));
        Assert.Equal(
            """[{"key": "traceparent", "value": "00-1", "encoding": "utf-8"}, {"key": "binary", "value": "/wA=", "encoding": "base64"}]""",
            await pipeline.Database.ScalarAsync<string>("SELECT headers::text FROM dlq_events"));
        Assert.True(await pipeline.Database.ScalarAsync<bool>("SELECT length(error_message) > 10 AND key = 'a1' AND failed_at <= now() FROM dlq_events"));
    }

    [Fact]
    public async Task The_same_letter_again_changes_nothing()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await LetterAsync(pipeline, offset: 5);
        await LetterAsync(pipeline, offset: 5);
        await LetterAsync(pipeline, offset: 6);
        await Rows(pipeline, 2);

        Assert.Equal(
            ["(5,1,0,t)", "(6,1,2,t)"],
            await pipeline.Database.RowsAsync("SELECT source_offset, attempt, dlq_offset, updated_at = created_at FROM dlq_events ORDER BY 1"));
    }

    [Fact]
    public async Task A_record_that_a_crash_repeats_has_failed_once_and_for_the_newest_reason()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await LetterAsync(pipeline, offset: 5, failedAt: "2026-11-23T10:00:00Z", reason: "first");
        await LetterAsync(pipeline, offset: 5, failedAt: "2026-11-23T10:00:01Z", reason: "second");
        // Comes late.
        await LetterAsync(pipeline, offset: 5, failedAt: "2026-11-23T09:59:59Z", reason: "before");
        await LetterAsync(pipeline, offset: 6);
        await Rows(pipeline, 2);

        Assert.Equal(
            ["(1,second,1,new)"],
            await pipeline.Database.RowsAsync("SELECT attempt, error_message, dlq_offset, state FROM dlq_events WHERE source_offset = 5"));
    }

    [Fact]
    public async Task A_message_that_says_it_has_failed_before_counts_on()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await pipeline.ProduceAsync(KafkaTopics.Raw, null, "x"u8.ToArray(), new() { { DeadLetterHeaders.Attempt, "2"u8.ToArray() } });
        await Rows(pipeline, 1);

        Assert.Equal(["(3,[])"], await pipeline.Database.RowsAsync("SELECT attempt, headers FROM dlq_events"));
    }

    [Fact]
    public async Task A_topic_that_is_made_anew_overwrites_no_letter_of_the_old_one()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await LetterAsync(pipeline, offset: 0, value: "of the old topic", failedAt: "2026-11-20T10:00:00Z");
        await LetterAsync(pipeline, offset: 0, value: "of the new topic", failedAt: "2026-11-23T10:00:00Z");
        await Rows(pipeline, 2);

        Assert.Equal(
            ["(\"of the old topic\",1)", "(\"of the new topic\",1)"],
            await pipeline.Database.RowsAsync("SELECT convert_from(payload, 'UTF8'), attempt FROM dlq_events ORDER BY id"));
    }

    [Fact]
    public async Task A_purge_empties_the_letters_of_its_post_also_those_that_come_later()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        var headers = new Headers { { "traceparent", "00-1"u8.ToArray() } };
        await pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), """{"id":"a1","title":"secret"""u8.ToArray(), headers);
        await pipeline.ProduceAsync(KafkaTopics.Raw, "b1"u8.ToArray(), """{"id":"b1","title":"kept"""u8.ToArray(), headers);
        await Rows(pipeline, 2);

        await pipeline.ProduceAsync(KafkaTopics.Refresh, Removal("a1"));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events WHERE purged_at IS NOT NULL") == 1);
        // The reader of the topic was behind; and the record is consumed again from the start.
        await LetterAsync(pipeline, offset: 8, key: "a1", value: """{"id":"a1","title":"secret, too"}""");
        await LetterAsync(pipeline, offset: 8, key: "a1", value: """{"id":"a1","title":"secret, too"}""", failedAt: "2026-11-24T10:00:00Z");
        await LetterAsync(pipeline, offset: 9, key: "c1", value: "other");
        await Rows(pipeline, 4);

        Assert.Equal(
            ["({a1},,0,f,t,1)", "({a1},,0,f,t,1)", "({b1},24,1,t,f,1)", "({c1},5,0,t,f,1)"],
            await pipeline.Database.RowsAsync("""
                SELECT post_ids, length(payload), jsonb_array_length(headers), error_message <> '', purged_at IS NOT NULL, attempt
                FROM dlq_events ORDER BY post_ids, attempt, id
                """));
    }

    [Fact]
    public async Task While_the_database_is_away_letters_wait_and_their_offsets_with_them()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        pipeline.HasShortSessions = true;
        var replica = await pipeline.StartReplicaAsync();
        await LetterAsync(pipeline, offset: 0);
        await Rows(pipeline, 1);
        await pipeline.StopReplicaAsync(replica);
        Assert.Equal(1, pipeline.Committed(Group, KafkaTopics.DeadLetter));

        replica = await pipeline.StartReplicaAsync();
        await server.StopAsync();
        for (var offset = 1; offset < 6; offset++)
            await LetterAsync(pipeline, offset);
        await Eventually.TrueAsync(() => Task.FromResult(PipelineApplication.HasLogged(replica, "to store the dead letter")));
        // A stop commits whatever may be committed.
        await pipeline.StopReplicaAsync(replica);
        Assert.Equal(1, pipeline.Committed(Group, KafkaTopics.DeadLetter));

        await server.StartAgainAsync();
        pipeline.Database.DataSource.Clear();
        replica = await pipeline.StartReplicaAsync();
        await Rows(pipeline, 6);
        await pipeline.StopReplicaAsync(replica);
        Assert.Equal(6, pipeline.Committed(Group, KafkaTopics.DeadLetter));
        Assert.Equal(6, await pipeline.Database.ScalarAsync<long>("SELECT count(DISTINCT source_offset) FROM dlq_events WHERE attempt = 1"));
    }

    [Fact]
    public async Task Letters_that_come_while_the_database_is_away_are_stored_when_it_is_back()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        await pipeline.StartReplicaAsync();
        await LetterAsync(pipeline, offset: 0);
        await Rows(pipeline, 1);

        await server.StopAsync();
        for (var offset = 1; offset < 6; offset++)
            await LetterAsync(pipeline, offset);
        await server.StartAgainAsync();
        pipeline.Database.DataSource.Clear();

        await Rows(pipeline, 6);
    }

    [Fact]
    public async Task A_letter_that_the_database_refuses_does_not_hold_up_the_next_one()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.Database.ExecuteAsync("ALTER TABLE dlq_events ADD CONSTRAINT odd CHECK (source_offset % 2 = 1)");
        var replica = await pipeline.StartReplicaAsync();
        using var refused = new MetricCollector<long>(
            replica.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "signalflow_dlq_events_refused");

        for (var offset = 0; offset < 4; offset++)
            await LetterAsync(pipeline, offset);
        await Rows(pipeline, 2);

        Assert.Equal(["(1)", "(3)"], await pipeline.Database.RowsAsync("SELECT source_offset FROM dlq_events ORDER BY 1"));
        Assert.Equal(2, refused.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
    }

    [Fact]
    public async Task The_gauge_tells_how_many_letters_there_are_by_state()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync();
        using var gauge = new MetricCollector<long>(replica.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "signalflow_dlq_events");
        for (var offset = 0; offset < 3; offset++)
            await LetterAsync(pipeline, offset);
        await Rows(pipeline, 3);
        await pipeline.Database.ExecuteAsync("UPDATE dlq_events SET state = 'discarded' WHERE source_offset = 1");

        await Eventually.TrueAsync(() =>
        {
            // The first question sets off the count.
            gauge.RecordObservableInstruments();
            return Task.FromResult(gauge.LastMeasurement is not null);
        });

        var counts = gauge.GetMeasurementSnapshot().ToLookup(measurement => (string)measurement.Tags["state"]!, measurement => measurement.Value);
        Assert.Equal(["discarded", "failed_again", "new", "parked", "replaying", "resolved"], counts.Select(state => state.Key).Order());
        Assert.Equal((2, 1, 0), (counts["new"].Last(), counts["discarded"].Last(), counts["resolved"].Last()));
    }

    private static Task Rows(PipelineApplication pipeline, long count) => Eventually.TrueAsync(
        async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events") == count);

    private static Task LetterAsync(
        PipelineApplication pipeline, int offset, string key = "k", string value = "v", string failedAt = "2026-11-23T10:00:00Z", string reason = "reason")
    {
        var headers = new Headers();
        Add(DeadLetterHeaders.ErrorClass, "json");
        Add(DeadLetterHeaders.ErrorMessage, reason);
        Add(DeadLetterHeaders.SourceTopic, KafkaTopics.Raw);
        Add(DeadLetterHeaders.SourcePartition, "0");
        Add(DeadLetterHeaders.SourceOffset, $"{offset}");
        Add(DeadLetterHeaders.FailedAt, failedAt);
        Add(DeadLetterHeaders.Attempt, "1");
        return pipeline.ProduceAsync(KafkaTopics.DeadLetter, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), headers);

        void Add(string name, string text) => headers.Add(name, Encoding.UTF8.GetBytes(text));
    }

    private static PostObservation Removal(string id) => new()
    {
        Id = id,
        Title = "[deleted]",
        Subreddit = "technology",
        CreatedUtc = 1_795_427_000,
        Score = 1,
        NumComments = 0,
        ObservedAt = 1_795_428_000,
        RemovedByCategory = "moderator",
    };
}
