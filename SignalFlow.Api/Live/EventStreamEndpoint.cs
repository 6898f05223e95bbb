using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace SignalFlow.Api.Live;

/// <summary><c>/api/stream/</c>: server-sent events, for curl and for <c>EventSource</c>.</summary>
internal static class EventStreamEndpoint
{
    public static async Task<IResult> ServeAsync(
        HttpContext http, LiveGate gate, LiveFeed feed, LiveMetrics metrics, LiveOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        var (request, place, refusal) = await gate.EnterAsync(http);
        if (refusal is not null)
            return refusal;
        using var taken = place;
        // EventSource says it by itself when it comes back.
        if (long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            request = request! with { After = last };
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        // Proxies would wait for the end of it.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var client = new Client(request!, options, metrics, time, http) { ExpiresAt = LiveGate.ExpiryOf(http.User), Credential = LiveCredential.Of(http.User) };
        feed.Join(client);
        try
        {
            using var stopping = lifetime.ApplicationStopping.Register(() => client.End(LiveEnd.Stopping));
            using var gone = http.RequestAborted.Register(() => client.End(LiveEnd.Gone));
            // What is written while nothing is being sent ends the answer cleanly; otherwise only breaking it off does.
            if (await client.Ended == LiveEnd.TooSlow)
                http.Abort();
            await client.Quiet;
        }
        finally
        {
            client.End(LiveEnd.Gone);
            feed.Leave(client);
        }

        return TypedResults.Empty;
    }

    private sealed class Client(LiveRequest request, LiveOptions options, LiveMetrics metrics, TimeProvider time, HttpContext http)
        : LiveClient(request, options, metrics, time, LiveTransport.EventStream)
    {
        public override bool IsTold => true;

        protected override async ValueTask<int> SendAsync(LiveMessage message)
        {
            var body = http.Response.BodyWriter;
            var bytes = message.Type == "heartbeat" ? Write(body, ": heartbeat\n\n"u8) : WriteEvent(body, message);
            var flushed = await body.FlushAsync(http.RequestAborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
                throw new OperationCanceledException();
            return bytes;
        }

        private static int WriteEvent(PipeWriter body, LiveMessage message)
        {
            var head = new StringBuilder("event: ").Append(message.Type).Append('\n');
            if (message.Sequence is { } sequence)
                head.Append(CultureInfo.InvariantCulture, $"id: {sequence}\n");
            head.Append("data: ");
            return Write(body, Encoding.ASCII.GetBytes(head.ToString())) + Write(body, message.Json) + Write(body, "\n\n"u8);
        }

        private static int Write(PipeWriter body, ReadOnlySpan<byte> bytes)
        {
            body.Write(bytes);
            return bytes.Length;
        }
    }
}
