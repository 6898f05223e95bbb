using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Processing.Batches;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Tests.Telemetry;

public sealed class BatchActivityTests
{
    [Fact]
    public void A_batch_is_linked_to_what_is_kept_of_its_senders_once_each_and_not_without_bound()
    {
        using var trace = new TraceRecorder(ProcessingMetrics.MeterName);
        // Only so that the recorder takes it for its own.
        using var root = new Activity("test").SetParentId(trace.Root.TraceId, trace.Root.SpanId, ActivityTraceFlags.Recorded).Start();
        var again = Trace(900, "01");
        List<ConsumeResult<byte[], byte[]>> records =
        [
            Record(1, (KafkaActivity.TraceParent, Trace(1, "01"))),
            Record(1, (KafkaActivity.TraceParent, Trace(1, "01"))),
            Record(0, (KafkaActivity.TraceParent, Trace(2, "00"))),
            Record(0, (KafkaActivity.TraceParent, "nonsense")),
            Record(0),
            Record(0, (KafkaActivity.TraceParent, Trace(1, "01")), (DeadLetterHeaders.ReplayTraceParent, again)),
            .. Enumerable.Range(100, 50).Select(number => Record(1, (KafkaActivity.TraceParent, Trace(number, "01")))),
        ];

        using var activity = BatchActivity.Start(records)!;

        var links = activity.Links.Select(link => $"00-{link.Context.TraceId}-{link.Context.SpanId}-01").ToList();
        Assert.Equal(KafkaActivity.MostLinks, links.Count);
        Assert.Equal([Trace(1, "01"), again, Trace(100, "01")], links.Take(3));
        Assert.Equal(52 - KafkaActivity.MostLinks, activity.GetTagItem("signalflow.links_left_out"));
        Assert.Equal(records.Count, activity.GetTagItem("messaging.batch.message_count"));
        Assert.Equal(["reddit.posts.raw:1", "reddit.posts.raw:0"], Assert.IsType<string[]>(activity.GetTagItem("signalflow.partitions")));
        Assert.Equal(KafkaTopics.Raw, activity.GetTagItem("messaging.destination.name"));
    }

    [Fact]
    public void Where_nobody_listens_there_is_no_span() => Assert.Null(BatchActivity.Start([]));

    private static string Trace(int number, string flags) => $"00-{number:x32}-{number:x16}-{flags}";

    private static ConsumeResult<byte[], byte[]> Record(int partition, params (string Key, string Value)[] headers)
    {
        var all = new Headers();
        foreach (var (key, value) in headers)
            all.Add(key, Encoding.UTF8.GetBytes(value));
        return new() { Topic = KafkaTopics.Raw, Partition = partition, Message = new() { Headers = all } };
    }
}
