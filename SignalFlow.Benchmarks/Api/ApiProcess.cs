using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Benchmarks.Api;

/// <summary>The API itself, or another service of HTTP, in a process of its own.</summary>
internal sealed class ApiProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ApiProcess(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ApiProcess> StartAsync(
        string database, string redis, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? settings = null,
        string service = "SignalFlow.Api")
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, service + ".dll")])
        {
            Environment =
            {
                ["ASPNETCORE_URLS"] = address,
                ["Logging__LogLevel__Default"] = "Warning",
                ["ConnectionStrings__signalflow"] = database,
                ["ConnectionStrings__redis"] = redis,
                ["Api__PublicRead"] = "true",
                // One address sends all.
                ["Api__AddressRequestsPerMinute"] = "0",
            },
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var api = new ApiProcess(Process.Start(start)!, address);
        try
        {
            await api.ReadyAsync(cancellationToken);
            return api;
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var handler = new SocketsHttpHandler();
        using var client = new HttpMessageInvoker(handler);
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{Address}/health");
                using var response = await client.SendAsync(request, limit.Token);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // Not listening yet.
            }

            await Task.Delay(100, limit.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
