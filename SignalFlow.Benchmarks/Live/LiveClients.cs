using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace SignalFlow.Benchmarks.Live;

/// <param name="Messages">All that came with posts.</param>
/// <param name="FewestPosts">Of the client that got the fewest.</param>
/// <param name="MostPosts">Of the client that got the most.</param>
/// <param name="WebSocket">Of the clients that speak JSON.</param>
/// <param name="Hub">Of the clients that speak MessagePack.</param>
/// <param name="CpuSeconds">Of this process, since the clients were connected.</param>
internal sealed record ClientFigures(
    long Messages, long FewestPosts, long MostPosts, DelayFigures All, DelayFigures WebSocket, DelayFigures Hub, double CpuSeconds);

/// <summary>From the commit to the whole message in the client.</summary>
internal sealed record DelayFigures(double P50Ms, double P99Ms, double MaxMs)
{
    public static DelayFigures Of(IEnumerable<LiveConnection> clients)
    {
        var delays = clients.SelectMany(client => client.Delays).Order().ToArray();
        return delays.Length == 0 ? new(0, 0, 0) : new(delays[delays.Length / 2], delays[(int)(delays.Length * 0.99)], delays[^1]);
    }
}

/// <summary>
/// Live clients in a process of their own: every other one speaks JSON on <c>/ws/posts/</c>, the others SignalR's protocol with MessagePack on
/// <c>/hubs/posts</c>. Standard input ends the run.
/// </summary>
internal static class LiveClients
{
    public const string Verb = "live-clients";
    public const string Ready = "ready";

    private const int AtOnce = 50;

    public static async Task<int> RunAsync(string address, int count, int idle)
    {
        var api = new Uri(address);
        var clients = new ConcurrentBag<LiveConnection>();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, cancel) =>
        {
            var client = await LiveConnection.OpenAsync(api, isHub: index % 2 == 1, cancel);
            clients.Add(client);
            _ = client.ReadAsync();
        });
        var silent = new List<LiveConnection>();
        for (var index = 0; index < idle; index++)
            silent.Add(await LiveConnection.OpenAsync(api, isHub: index % 2 == 1, CancellationToken.None));
        Console.WriteLine(Ready);
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        Console.ReadLine();

        self.Refresh();
        var posts = clients.Select(client => client.Posts).ToArray();
        var figures = new ClientFigures(
            clients.Sum(client => (long)client.Delays.Count), posts.Min(), posts.Max(),
            DelayFigures.Of(clients), DelayFigures.Of(clients.Where(client => !client.IsHub)), DelayFigures.Of(clients.Where(client => client.IsHub)),
            (self.TotalProcessorTime - before).TotalSeconds);
        Console.WriteLine(JsonSerializer.Serialize(figures, LiveReportContext.Default.ClientFigures));
        silent.ForEach(client => client.Dispose());
        return 0;
    }
}
