using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Api.Live;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Live;
using SignalFlow.Tests.Web;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Telemetry;

/// <summary>The part of a trace between processing and the pages.</summary>
public sealed class LiveTraceTests(PostgresFixture postgres)
{
    [Fact]
    public async Task One_push_span_counts_all_clients_and_its_context_is_in_the_message()
    {
        using var trace = new TraceRecorder("SignalFlow.Api.Live");
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var first = await LiveViewer.ConnectAsync(live);
        await using var second = await LiveViewer.ConnectAsync(live, Wire.HubMessagePack);

        var parent = new Activity("batch").SetParentId(trace.Root.TraceId, trace.Root.SpanId, ActivityTraceFlags.Recorded).Start();
        live.Publish(LiveApplication.Post("a"), LiveApplication.Post("b"));
        parent.Stop();

        var message = await first.Messages.ReadAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(trace.Find("push posts.update") is not null));
        var push = trace.Find("push posts.update")!;
        Assert.Equal(push.Id, message.GetProperty("traceparent").GetString());
        Assert.Equal(
            (2, 2, 2),
            ((int)push.GetTagItem("signalflow.posts")!, (int)push.GetTagItem("signalflow.clients")!, (int)push.GetTagItem("signalflow.clients_sent")!));
        Assert.Equal(trace.Find("live update")!.SpanId, push.ParentSpanId);
        Assert.Equal(parent.SpanId, trace.Find("live update")!.ParentSpanId);
    }

    [Fact]
    public void Both_wires_read_messages_with_and_without_a_context()
    {
        var post = JsonSerializer.Serialize(LiveApplication.Post("a"), ContractsJsonContext.Default.PostView);

        Assert.Equal("00-x", LiveBatch.Read(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"sequence":7,"type":"posts.update","traceparent":"00-x","posts":[{{post}}]}"""))!.TraceParent);
        Assert.Null(LiveBatch.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"sequence":7,"type":"posts.update","posts":[{{post}}]}"""))!.TraceParent);
        // Without one the message is as it always was.
        Assert.DoesNotContain(
            "trace", JsonSerializer.Serialize(new LiveUpdate { Posts = [] }, ContractsJsonContext.Default.LiveUpdate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_has_one_span_for_all_that_render_an_update()
    {
        using var trace = new TraceRecorder("SignalFlow.Web");
        var time = new FakeTimeProvider(Posts.Now);
        using var feed = new PostFeed(time);
        var rendering = new TaskCompletionSource();
        using var quick = feed.OnChanged(() => Task.CompletedTask);
        using var slow = feed.OnChanged(() => rendering.Task);

        using (var applied = WebActivity.Apply(new() { Posts = [Posts.Post(1)], TraceParent = trace.TraceParent }))
            feed.Apply([Posts.Post(1)], applied!.Context);
        time.Advance(PostFeed.PulseInterval);
        Assert.Null(trace.Find("render posts.update"));
        rendering.SetResult();

        var render = trace.Find("render posts.update")!;
        Assert.Equal(2, render.GetTagItem("signalflow.subscribers"));
        Assert.Equal(trace.Find("apply posts.update")!.SpanId, render.ParentSpanId);
        Assert.Null(WebActivity.Apply(new() { Posts = [] }));
    }
}
