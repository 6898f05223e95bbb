using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>A client of the live feed that comes back whenever it is cut off, with the sequence that it had.</summary>
internal sealed class LiveWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    // An update that is passed over may have waited that long for the database, and one that is told late comes after the notice.
    private static readonly TimeSpan MissedBefore = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MissedAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Seen> _seen = [];
    private readonly List<(long From, long Until)> _missed = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Uri _api;
    private readonly Task _watching;
    private long? _sequence;
    private long _heard = Stopwatch.GetTimestamp();
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

    public int Updates { get; private set; }

    /// <summary>Whether the feed has said that it does not know all of that time, or nobody was there yet.</summary>
    /// <param name="arrived">A timestamp of <see cref="Stopwatch"/>: of a record at the brokers.</param>
    public bool MayHaveMissed(long arrived)
    {
        lock (_lock)
            return _missed.Exists(missed => arrived >= missed.From && arrived <= missed.Until);
    }

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
            if (_connection == 1)
                Miss();
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
            _heard = Stopwatch.GetTimestamp();
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
                    Miss();
                    break;
            }
        }
    }

    private void Miss() => _missed.Add((
        _heard - (long)(MissedBefore.TotalSeconds * Stopwatch.Frequency), Stopwatch.GetTimestamp() + (long)(MissedAfter.TotalSeconds * Stopwatch.Frequency)));

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
