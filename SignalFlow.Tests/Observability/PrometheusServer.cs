using System.Text.Json;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>A real Prometheus with the files of the AppHost, but for the intervals, which a test should not wait for.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ProgramProcess _process;

    private PrometheusServer(TemporaryFolder folder, ProgramProcess process, int port)
    {
        _folder = folder;
        _process = process;
        Client = new(new SocketsHttpHandler()) { BaseAddress = new($"http://127.0.0.1:{port}") };
    }

    public HttpClient Client { get; }

    /// <param name="jobs">The addresses that it scrapes besides its own, by job.</param>
    public static async Task<PrometheusServer> StartAsync(ILookup<string, string> jobs)
    {
        var port = LoopbackPort.Free();
        var folder = new TemporaryFolder();
        var configuration = await File.ReadAllTextAsync(Path.Combine(PrometheusFiles.Folder, "prometheus.yml"), TestContext.Current.CancellationToken);
        await WriteAsync(folder, "prometheus.yml", configuration
            .Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal).Replace("localhost:9090", $"127.0.0.1:{port}", StringComparison.Ordinal));
        await WriteAsync(folder, "targets/services.json",
            JsonSerializer.Serialize(jobs.Select(job => new { targets = job.ToArray(), labels = new { job = job.Key } })));
        foreach (var file in PrometheusFiles.Files("rules"))
            await WriteAsync(folder, $"rules/{Path.GetFileName(file)}", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        var process = ProgramProcess.StartCommand("prometheus",
            [$"--config.file={folder.Path}/prometheus.yml", $"--storage.tsdb.path={folder.Path}/data", $"--web.listen-address=127.0.0.1:{port}"]);
        return new(folder, process, port);
    }

    /// <summary>Waits until every target is up.</summary>
    /// <returns>The job of each target, and <c>up</c>.</returns>
    public async Task<IReadOnlyList<string>> AllUpAsync(int count)
    {
        await Eventually.TrueAsync(async () =>
            _process.HasExited || await TargetsAsync() is var targets && targets.Count == count
                && targets.All(target => target.EndsWith(" up", StringComparison.Ordinal)));
        Assert.False(_process.HasExited, _process.Errors);
        return [.. (await TargetsAsync()).Order(StringComparer.Ordinal)];
    }

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await Client.GetStringAsync(path, TestContext.Current.CancellationToken));
        return document.RootElement.GetProperty("data").Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task WriteAsync(TemporaryFolder folder, string name, string content)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
    }

    private async Task<List<string>> TargetsAsync()
    {
        try
        {
            return [.. (await JsonAsync("/api/v1/targets")).GetProperty("activeTargets").EnumerateArray()
                .Select(target => $"{target.GetProperty("labels").GetProperty("job").GetString()} {target.GetProperty("health").GetString()}")];
        }
        catch (HttpRequestException)
        {
            // It is still starting.
            return [];
        }
    }
}
