using System.Net.WebSockets;
using System.Text.Json;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>A client of the public live stream.</summary>
internal sealed class LiveSocket : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    public static async Task<LiveSocket> ConnectAsync(Uri api)
    {
        var live = new LiveSocket();
        await live._socket.ConnectAsync(new Uri($"ws://{api.Authority}/ws/posts/"), TestContext.Current.CancellationToken);
        return live;
    }

    /// <summary>The bytes of the next whole message.</summary>
    public async Task<byte[]> NextAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return message.ToArray();
    }

    public async Task<IReadOnlyList<byte[]>> NextAsync(int count)
    {
        var messages = new List<byte[]>(count);
        while (messages.Count < count)
            messages.Add(await NextAsync());
        return messages;
    }

    public static IReadOnlyList<LivePost> PostsOf(byte[] message)
    {
        using var json = JsonDocument.Parse(message);
        Assert.Equal("posts.update", json.RootElement.GetProperty("type").GetString());
        return [.. json.RootElement.GetProperty("posts").EnumerateArray().Select(post => new LivePost(
            post.GetProperty("id").GetString()!,
            post.GetProperty("subreddit").GetString()!,
            post.GetProperty("created_utc").GetDateTimeOffset(),
            post.GetProperty("last_polled_at").GetDateTimeOffset()))];
    }

    public void Dispose() => _socket.Dispose();
}

internal sealed record LivePost(string Id, string Subreddit, DateTimeOffset CreatedAt, DateTimeOffset LastPolledAt);
