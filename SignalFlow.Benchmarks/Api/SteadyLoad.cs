using System.Diagnostics;

namespace SignalFlow.Benchmarks.Api;

/// <summary>
/// So many requests a second, whether answers come or not. Each latency counts from when the request was due, so a server that stalls is not spared the
/// requests that would have come meanwhile.
/// </summary>
internal static class SteadyLoad
{
    private const int Connections = 64;

    public static async Task<(double RequestsPerSecond, double P50Ms, double P99Ms, long Failed)> RunAsync(
        string address, int perSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Connections };
        using var client = new HttpMessageInvoker(handler);
        var count = (int)(perSecond * duration.TotalSeconds);
        var latencies = new double[count];
        var failed = 0;
        var sent = new Task[count];
        var began = Stopwatch.GetTimestamp();
        for (var request = 0; request < count; request++)
        {
            var due = TimeSpan.FromSeconds((double)request / perSecond);
            if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                await Task.Delay(early, cancellationToken);
            sent[request] = SendAsync(request, due);
        }

        await Task.WhenAll(sent);
        var took = Stopwatch.GetElapsedTime(began);
        Array.Sort(latencies);
        return ((count - failed) / took.TotalSeconds, latencies[count / 2], latencies[count * 99 / 100], failed);

        async Task SendAsync(int number, TimeSpan due)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await client.SendAsync(request, cancellationToken);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            latencies[number] = (Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds;
            if (!response.IsSuccessStatusCode)
                Interlocked.Increment(ref failed);
        }
    }
}
