using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>Every service as a process of its own, on servers that one more process has: what a deployment is, on one machine.</summary>
internal sealed class SeparateServices : IAsyncDisposable
{
    public const string ServersOnly = "infrastructure";
    private const int Speed = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Service> _services = [];

    public string ConnectionsFile => Path.Combine(_folder.Path, "run", "connections.json");

    public string ClusterFolder => Path.Combine(DataFolder, "postgres", "cluster");

    /// <summary>The addresses of the services that run, <c>HOST:PORT</c>, by the job that each is for Prometheus: replicas have one together.</summary>
    public ILookup<string, string> Jobs => _services.ToLookup(service => service.Key.Split(':')[0], service => service.Value.Address);

    private string DataFolder => Path.Combine(_folder.Path, "data");

    public IEnumerable<ProgramProcess> Processes => _services.Values.Select(service => service.Process);

    public ProgramProcess this[string name] => _services[name].Process;

    public HttpClient Client(string name) => new(new SocketsHttpHandler()) { BaseAddress = new($"http://{_services[name].Address}") };

    /// <summary>Kafka, Redis and PostgreSQL; returns when they can be used.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StartServersAsync()
    {
        Start(ServersOnly, "SignalFlow.Standalone", [ServersOnly, "--data", DataFolder, "--connections", ConnectionsFile], []);
        await HealthyAsync(ServersOnly);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(ConnectionsFile, TestContext.Current.CancellationToken))!;
    }

    /// <summary>
    /// All services with two of Processing, each as a database user who may do what it is for; the schema is made before by its owner. Returns when each
    /// is healthy.
    /// </summary>
    public async Task StartAllAsync()
    {
        const string Database = "ConnectionStrings__signalflow";
        var owners = (await StartServersAsync()).ToDictionary(server => $"ConnectionStrings__{server.Key}", server => server.Value);
        await using (var migration = ProgramProcess.Start("SignalFlow.Processing", ["migrate"], owners, _folder.Path))
            Assert.Equal(0, await migration.WaitForExitAsync());
        Dictionary<string, string> writers = new(owners) { [Database] = await ServiceUser.ConnectAsync(owners[Database], ServiceUser.Writer) };
        Start("reddit-simulator", "SignalFlow.RedditSimulator", [], new() { ["Simulator__Speed"] = Speed.ToString(CultureInfo.InvariantCulture) });
        await HealthyAsync("reddit-simulator");
        var reddit = $"http://{_services["reddit-simulator"].Address}";
        var key = Guid.NewGuid().ToString("N");
        foreach (var processing in (string[])["processing", "processing:2"])
        {
            Start(processing, "SignalFlow.Processing", [], new(writers)
            {
                ["Surge__Speed"] = Speed.ToString(CultureInfo.InvariantCulture),
                // The embedded brokers end a rebalance only when the members' session has nearly run out.
                ["Kafka__SessionTimeout"] = "00:00:06",
            });
        }

        Start("ingestion", "SignalFlow.Ingestion", [], new(writers)
        {
            ["Ingestion__Speed"] = Speed.ToString(CultureInfo.InvariantCulture),
            ["Reddit__TokenUrl"] = $"{reddit}/api/v1/access_token",
            ["Reddit__ApiBaseUrl"] = reddit,
            ["Reddit__ClientId"] = "demo",
            ["Reddit__ClientSecret"] = "demo",
            ["Reddit__UserAgent"] = "SignalFlow/demo",
        });
        Start("api", "SignalFlow.Api", [], new(owners)
        {
            [Database] = await ServiceUser.ConnectAsync(owners[Database], ServiceUser.Api),
            ["Api__ServiceKey"] = key,
            ["Api__PublicRead"] = "true",
            // Whoever waits for something asks every few milliseconds.
            ["Api__AddressRequestsPerMinute"] = "0",
            ["SIGNALFLOW_ADMIN_PASSWORD"] = Guid.NewGuid().ToString(),
        });
        Start("web", "SignalFlow.Web", [], new()
        {
            ["ConnectionStrings__redis"] = owners["ConnectionStrings__redis"],
            ["services__api__http__0"] = $"http://{_services["api"].Address}",
            ["Web__ApiKey"] = key,
            ["Web__AddressRequestsPerMinute"] = "0",
        });
        foreach (var service in _services.Keys)
            await HealthyAsync(service);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, service) in _services)
        {
            if (name != ServersOnly)
                await service.Process.DisposeAsync();
        }

        if (_services.TryGetValue(ServersOnly, out var servers))
        {
            if (!servers.Process.HasExited)
            {
                servers.Process.Signal(PosixSignal.SIGTERM);
                await servers.Process.WaitForExitAsync();
            }

            await servers.Process.DisposeAsync();
            if (Directory.Exists(DataFolder))
                await EmbeddedPostgres.DeleteAsync(new() { DataFolder = Path.Combine(DataFolder, "postgres") });
        }

        _folder.Dispose();
    }

    private void Start(string name, string project, string[] arguments, Dictionary<string, string> environment)
    {
        var address = $"127.0.0.1:{LoopbackPort.Free()}";
        environment["ASPNETCORE_URLS"] = $"http://{address}";
        _services[name] = new(address, ProgramProcess.Start(project, arguments, environment, _folder.Path));
    }

    private async Task HealthyAsync(string name)
    {
        using var client = Client(name);
        await Eventually.TrueAsync(async () =>
        {
            var process = this[name];
            Assert.False(process.HasExited, $"{name} ended:\n{process.Output}\n{process.Errors}");
            try
            {
                return (await client.GetAsync("/health", TestContext.Current.CancellationToken)).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // It is still starting.
                return false;
            }
        });
    }

    private sealed record Service(string Address, ProgramProcess Process);
}
