using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SignalFlow.Benchmarks.Live;

/// <summary>
/// A WebSocket that costs little more than the system's own work: <c>ClientWebSocket</c> took as much of the machine as the API under test. It reads
/// no more of a message than its time and how many posts it has, and holds a buffer only while a message is on its way.
/// </summary>
internal sealed class LiveConnection(Socket socket, bool isHub) : IDisposable
{
    private const int BufferBytes = 128 << 10;

    private static readonly byte[] TimeName = "committed_at"u8.ToArray();
    private static readonly byte[] PostName = "engagement_score"u8.ToArray();
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    // Masked with zeros: an empty mask is one, too.
    private static readonly byte[] HubHandshake = Masked("{\"protocol\":\"messagepack\",\"version\":1}\u001e"u8);

    public bool IsHub => isHub;

    /// <summary>Milliseconds from the commit to the whole message.</summary>
    public List<double> Delays { get; } = [];

    public long Posts { get; private set; }

    public static async Task<LiveConnection> OpenAsync(Uri api, bool isHub, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, api.Port), cancellationToken);
        var path = isHub ? "/hubs/posts" : "/ws/posts/";
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {api.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: c2lnbmFsZmxvdyBsaXZlIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
            cancellationToken);
        // One byte after the other, so that no frame is read with the head.
        var head = new byte[4096];
        for (var filled = 0; !head.AsSpan(0, filled).EndsWith(HeadEnd); filled++)
        {
            if (filled == head.Length || await socket.ReceiveAsync(head.AsMemory(filled, 1), cancellationToken) == 0)
                throw new InvalidDataException("The API does not answer a WebSocket handshake.");
        }

        if (!head.AsSpan().StartsWith("HTTP/1.1 101"u8))
            throw new InvalidDataException("The API refuses a WebSocket: " + Encoding.ASCII.GetString(head.AsSpan(0, head.IndexOf((byte)'\r'))));
        if (isHub)
            await socket.SendAsync(HubHandshake, cancellationToken);
        return new(socket, isHub);
    }

    /// <returns>When the connection ends.</returns>
    public async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(Memory<byte>.Empty);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                try
                {
                    var filled = 0;
                    do
                    {
                        var count = await socket.ReceiveAsync(buffer.AsMemory(filled));
                        if (count == 0)
                            return;
                        filled += count;
                        filled = Consume(buffer, filled);
                    }
                    while (filled > 0);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (SocketException)
        {
            // The API is gone, which shows in the figures.
        }
        catch (ObjectDisposedException)
        {
            // The run is over.
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Takes whole messages; what is left is moved to the start.</summary>
    /// <returns>How much is left.</returns>
    private int Consume(byte[] buffer, int filled)
    {
        var taken = 0;
        while (TryTakeMessage(buffer.AsSpan(taken, filled - taken), out var payload, out var length))
        {
            Count(buffer.AsSpan(taken, payload));
            taken += length;
        }

        if (taken == 0 && filled == buffer.Length)
            throw new InvalidDataException("A message is larger than the client's buffer.");
        buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
        return filled - taken;
    }

    /// <param name="bytes">Frames of a server, which masks nothing. When a message is whole, its payload stands at the start.</param>
    /// <param name="payload">Length of the message.</param>
    /// <param name="length">Of its frames.</param>
    private static bool TryTakeMessage(Span<byte> bytes, out int payload, out int length)
    {
        (payload, length) = (0, 0);
        if (!HasWholeMessage(bytes))
            return false;
        var isLast = false;
        while (!isLast)
        {
            var frame = bytes[length..];
            isLast = (frame[0] & 0x80) != 0;
            TryReadHead(frame, out var head, out var count);
            frame.Slice(head, count).CopyTo(bytes[payload..]);
            payload += count;
            length += head + count;
        }

        return true;
    }

    private static bool HasWholeMessage(ReadOnlySpan<byte> bytes)
    {
        while (TryReadHead(bytes, out var head, out var count) && bytes.Length >= head + count)
        {
            if ((bytes[0] & 0x80) != 0)
                return true;
            bytes = bytes[(head + count)..];
        }

        return false;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> frame, out int head, out int count)
    {
        (head, count) = (2, 0);
        if (frame.Length < head)
            return false;
        count = frame[1] & 0x7f;
        head += count switch { 126 => 2, 127 => 8, _ => 0 };
        if (frame.Length < head)
            return false;
        count = count switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(frame[2..]),
            127 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..])),
            _ => count,
        };
        return true;
    }

    private void Count(ReadOnlySpan<byte> message)
    {
        var posts = message.Count(PostName);
        if (posts == 0)
            return;
        Posts += posts;
        Delays.Add((TimeProvider.System.GetUtcNow() - CommittedAt(message)).TotalMilliseconds);
    }

    private static DateTimeOffset CommittedAt(ReadOnlySpan<byte> message)
    {
        var rest = message[(message.IndexOf(TimeName) + TimeName.Length)..];
        // JSON: ":" and the text in quotes. MessagePack: a byte that holds the length of a short text, or 0xd9 and a byte with the length.
        var text = rest[0] switch
        {
            (byte)'"' => rest[3..(3 + rest[3..].IndexOf((byte)'"'))],
            0xd9 => rest.Slice(2, rest[1]),
            var header => rest.Slice(1, header & 0x1f),
        };
        return DateTimeOffset.Parse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture);
    }

    private static byte[] Masked(ReadOnlySpan<byte> text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. text];
}
