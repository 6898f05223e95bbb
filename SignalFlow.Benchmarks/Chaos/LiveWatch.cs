using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>A client of the live feed that comes back whenever it is cut off, with the sequence that it had.</summary>
internal sealed class LiveWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<string, Seen> _seen = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Uri _api;
    private readonly Task _watching;
    private long? _sequence;
    private int _connection;

    /// <param name="api">Its address.</param>
    public LiveWatch(Uri api)
    {
        _api = api;
        _watching = WatchAsync();
    }

    public int Connections => _connection;

    /// <summary>States that came after a newer one of the same post, on one connection.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>How often it was told that something was passed over.</summary>
    public int MissedNotices { get; private set; }

    /// <summary>A timestamp: nobody was there before, or the feed has said that it does not know all from before.</summary>
    public long MissedUntil { get; private set; }

    public int Updates { get; private set; }

    public bool HasSeen(string id)
    {
        lock (_lock)
            return _seen.ContainsKey(id);
    }

    /// <summary>The newest state that was told of a post; null: none.</summary>
    public (long At, bool Purged)? Newest(string id)
    {
        lock (_lock)
            return _seen.TryGetValue(id, out var seen) ? (seen.Newest, seen.Purged) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _watching;
        _stopped.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await ListenAsync();
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or HttpRequestException or IOException)
            {
                // It comes back.
            }

            await Task.Delay(Pause, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync()
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(2);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(2);
        // Where the feed does not know what came between, it says so, and a snapshot follows.
        var query = _sequence is { } last ? string.Create(CultureInfo.InvariantCulture, $"snapshot=200&last_sequence={last}") : "snapshot=200";
        await socket.ConnectAsync(new UriBuilder(_api) { Scheme = "ws", Path = "/ws/posts/", Query = query }.Uri, _stopped.Token);
        lock (_lock)
        {
            _connection++;
            if (MissedUntil == 0)
                MissedUntil = Stopwatch.GetTimestamp();
        }

        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (await socket.ReceiveAsync(buffer.AsMemory(), _stopped.Token) is { MessageType: not WebSocketMessageType.Close } part)
        {
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;
            using (var json = JsonDocument.Parse(message.GetBuffer().AsMemory(0, (int)message.Length)))
                Hear(json.RootElement);
            message.SetLength(0);
        }
    }

    private void Hear(JsonElement message)
    {
        lock (_lock)
        {
            if (message.TryGetProperty("sequence", out var sequence) && sequence.ValueKind == JsonValueKind.Number)
                _sequence = sequence.GetInt64();
            switch (message.GetProperty("type").GetString())
            {
                case "posts.update":
                    Updates++;
                    foreach (var post in message.GetProperty("posts").EnumerateArray())
                        See(post, isOrdered: true);
                    break;
                case "snapshot":
                    foreach (var post in message.GetProperty("posts").EnumerateArray())
                        See(post, isOrdered: false);
                    break;
                case "missed":
                    MissedNotices++;
                    MissedUntil = Stopwatch.GetTimestamp();
                    break;
            }
        }
    }

    private void See(JsonElement post, bool isOrdered)
    {
        var id = post.GetProperty("id").GetString()!;
        var at = (post.GetProperty("last_polled_at").GetDateTimeOffset() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var purged = post.TryGetProperty("purged", out var value) && value.GetBoolean();
        if (!_seen.TryGetValue(id, out var seen))
            _seen.Add(id, seen = new());
        if (isOrdered && seen.Connection == _connection && at < seen.Newest)
            OutOfOrder++;
        if (at >= seen.Newest)
            seen.Newest = at;
        seen.Purged |= purged;
        seen.Connection = _connection;
    }

    private sealed class Seen
    {
        public long Newest { get; set; } = long.MinValue;
        public bool Purged { get; set; }
        public int Connection { get; set; }
    }
}
