using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace SignalFlow.Benchmarks.Live;

/// <param name="Messages">All that came with posts.</param>
/// <param name="FewestPosts">Of the client that got the fewest.</param>
/// <param name="MostPosts">Of the client that got the most.</param>
/// <param name="P50Ms">From the commit to the whole message in the client.</param>
/// <param name="P99Ms">The same.</param>
internal sealed record ClientFigures(long Messages, long FewestPosts, long MostPosts, double P50Ms, double P99Ms, double MaxMs);

/// <summary>
/// Live clients in a process of their own: every other one speaks JSON on <c>/ws/posts/</c>, the others SignalR's protocol with MessagePack on
/// <c>/hubs/posts</c>. They read no more of a message than its time and how many posts it has. Standard input ends the run.
/// </summary>
internal static class LiveClients
{
    public const string Verb = "live-clients";
    public const string Ready = "ready";

    private const int AtOnce = 50;

    private static readonly byte[] Handshake = "{\"protocol\":\"messagepack\",\"version\":1}\u001e"u8.ToArray();

    public static async Task<int> RunAsync(string address, int count, int idle)
    {
        var clients = new ConcurrentBag<Client>();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, cancel) =>
        {
            var client = new Client(await ConnectAsync(address, isHub: index % 2 == 1, cancel));
            clients.Add(client);
            _ = client.ReadAsync();
        });
        var silent = new List<ClientWebSocket>();
        for (var index = 0; index < idle; index++)
            silent.Add(await ConnectAsync(address, isHub: index % 2 == 1, CancellationToken.None));
        Console.WriteLine(Ready);
        Console.ReadLine();

        var delays = clients.SelectMany(client => client.Delays).Order().ToArray();
        var posts = clients.Select(client => client.Posts).ToArray();
        var figures = delays.Length == 0
            ? new ClientFigures(0, 0, 0, 0, 0, 0)
            : new ClientFigures(delays.Length, posts.Min(), posts.Max(), delays[delays.Length / 2], delays[(int)(delays.Length * 0.99)], delays[^1]);
        Console.WriteLine(JsonSerializer.Serialize(figures, LiveReportContext.Default.ClientFigures));
        silent.ForEach(socket => socket.Dispose());
        return 0;
    }

    private static async Task<ClientWebSocket> ConnectAsync(string address, bool isHub, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        var builder = new UriBuilder(address) { Scheme = "ws", Path = isHub ? "/hubs/posts" : "/ws/posts/" };
        await socket.ConnectAsync(builder.Uri, cancellationToken);
        if (isHub)
            await socket.SendAsync(Handshake, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        return socket;
    }

    private sealed class Client(ClientWebSocket socket)
    {
        private static readonly byte[] TimeName = "committed_at"u8.ToArray();
        private static readonly byte[] PostName = "engagement_score"u8.ToArray();

        public List<double> Delays { get; } = [];

        public long Posts { get; private set; }

        public async Task ReadAsync()
        {
            var buffer = new byte[64 << 10];
            var filled = 0;
            try
            {
                while (true)
                {
                    var part = await socket.ReceiveAsync(buffer.AsMemory(filled), CancellationToken.None);
                    filled += part.Count;
                    if (!part.EndOfMessage && filled == buffer.Length)
                        Array.Resize(ref buffer, buffer.Length * 2);
                    if (!part.EndOfMessage)
                        continue;
                    Count(buffer.AsSpan(0, filled));
                    filled = 0;
                }
            }
            catch (WebSocketException)
            {
                // The API is gone, which shows in the figures.
            }
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
    }
}
