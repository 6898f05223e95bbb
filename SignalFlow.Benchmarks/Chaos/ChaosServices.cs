using System.Globalization;
using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Every service as a process of its own, and what an orchestrator does with them: one that has ended is started again.</summary>
internal sealed class ChaosServices : IAsyncDisposable
{
    public const string Simulator = "simulator";
    public const string Ingestion = "ingestion";
    public const string Processing = "processing";
    public const string SecondProcessing = "processing-2";
    public const string ThirdProcessing = "processing-3";
    public const string Api = "api";
    public const string Web = "web";

    /// <summary>All but the third of processing, which comes and goes.</summary>
    public static readonly string[] Lasting = [Simulator, Ingestion, Processing, SecondProcessing, Api, Web];

    /// <summary>Those whose clocks can jump: all but the world outside.</summary>
    public static readonly string[] Clocked = [Ingestion, Processing, SecondProcessing, Api, Web];

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, ServiceProcess> _services = [];
    private readonly Dictionary<string, JumpingClock> _clocks = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly string _folder;
    private readonly TextWriter _output;
    private Task _supervising = Task.CompletedTask;

    /// <param name="folder">For logs and the simulator's files.</param>
    /// <param name="servers">What they work with.</param>
    /// <param name="output">Told of every end that nobody has asked for.</param>
    /// <param name="retentionDays">Of history.</param>
    /// <param name="refreshHours">How old posts become, in simulated time, before Ingestion forgets them; null: as old as its preset says.</param>
    /// <param name="shards">Of Ingestion, of which the first one runs.</param>
    public ChaosServices(string folder, ChaosServers servers, TextWriter output, int retentionDays = 90, int? refreshHours = null, int shards = 1)
    {
        _folder = folder;
        _output = output;
        var simulated = string.Create(CultureInfo.InvariantCulture, $"{CampaignOptions.Speed}");
        var key = Guid.NewGuid().ToString("N");
        Add(Simulator, "SignalFlow.RedditSimulator", new Dictionary<string, string>(), new()
        {
            ["Simulator__Speed"] = simulated,
            ["Simulator__PostsPerDay"] = CampaignOptions.PostsPerDay,
            ["Simulator__BackfillHours"] = "1",
            ["Simulator__RequestsPerWindow"] = "0",
            ["Simulator__StatePath"] = Path.Combine(folder, "world"),
            ["Simulator__ServedPath"] = ServedFile,
        });
        var ingestion = new Dictionary<string, string>
        {
            ["Ingestion__Speed"] = simulated,
            ["Ingestion__ShardCount"] = string.Create(CultureInfo.InvariantCulture, $"{shards}"),
            ["Reddit__TokenUrl"] = $"{Address(Simulator)}api/v1/access_token",
            ["Reddit__ApiBaseUrl"] = Address(Simulator).ToString().TrimEnd('/'),
            ["Reddit__ClientId"] = "demo",
            ["Reddit__ClientSecret"] = "demo",
            ["Reddit__UserAgent"] = "SignalFlow/chaos",
        };
        if (refreshHours is { } hours)
        {
            ingestion["Ingestion__RefreshTiers__0__MaxAge"] = TimeSpan.FromHours(1).ToString();
            ingestion["Ingestion__RefreshTiers__0__Interval"] = TimeSpan.FromMinutes(30).ToString();
            ingestion["Ingestion__RefreshTiers__1__MaxAge"] = TimeSpan.FromHours(hours).ToString();
            ingestion["Ingestion__RefreshTiers__1__Interval"] = TimeSpan.FromHours(2).ToString();
        }

        Add(Ingestion, "SignalFlow.Ingestion", servers.Connections("ingestion"), ingestion);
        foreach (var processing in (string[])[Processing, SecondProcessing, ThirdProcessing])
        {
            Add(processing, "SignalFlow.Processing", servers.Connections("processing"), new()
            {
                ["Surge__Speed"] = simulated,
                ["Processing__BatchSize"] = "50",
                ["Processing__Consumers"] = "2",
                ["Storage__RetentionDays"] = string.Create(CultureInfo.InvariantCulture, $"{retentionDays}"),
                // The embedded brokers end a rebalance only when the members' session has nearly run out.
                ["Kafka__SessionTimeout"] = "00:00:06",
            });
        }

        Add(Api, "SignalFlow.Api", servers.Connections("api"), new()
        {
            ["Api__ServiceKey"] = key,
            ["Api__PublicRead"] = "true",
            ["Api__AddressRequestsPerMinute"] = "0",
            ["SIGNALFLOW_ADMIN_PASSWORD"] = Guid.NewGuid().ToString(),
        });
        Add(Web, "SignalFlow.Web", servers.Connections("api"), new()
        {
            ["services__api__http__0"] = Address(Api).ToString().TrimEnd('/'),
            ["Web__ApiKey"] = key,
            ["Web__AddressRequestsPerMinute"] = "0",
        });
    }

    public string ServedFile => Path.Combine(_folder, "served.txt");

    /// <summary>Ends that no fault has caused directly.</summary>
    public int EndedByThemselves { get; private set; }

    /// <summary>Ends that had to be forced.</summary>
    public int ForcedStops => _services.Values.Sum(service => service.ForcedStops);

    /// <summary>Starts those that last; returns when each is healthy.</summary>
    /// <exception cref="InvalidOperationException">A service does not have the clock that is to jump.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var all = Lasting.Select(name => _services[name]).ToList();
        all.ForEach(service => service.Start());
        foreach (var service in all)
            await service.HealthyAsync(cancellationToken);
        if (_clocks.FirstOrDefault(clock => !clock.Value.IsInUse) is { Key: { } unmoved })
            throw new InvalidOperationException($"The clock of {unmoved} cannot jump: the service has another one.");

        _supervising = SuperviseAsync();
    }

    public ServiceProcess this[string name] => _services[name];

    /// <param name="name">Whose wall clock.</param>
    /// <param name="offset">From the real time.</param>
    public void Jump(string name, TimeSpan offset) => _clocks[name].Jump(offset);

    public Uri Address(string name) => _services[name].Address;

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _supervising;
        foreach (var service in _services.Values)
            await service.DisposeAsync();
        foreach (var clock in _clocks.Values)
            clock.Dispose();
        _stopped.Dispose();
    }

    private void Add(string name, string project, IReadOnlyDictionary<string, string> connections, Dictionary<string, string> environment)
    {
        foreach (var (key, value) in connections)
            environment[key] = value;
        if (Clocked.Contains(name))
        {
            _clocks[name] = new(Path.Combine(_folder, $"{name}.clock"));
            foreach (var (key, value) in _clocks[name].Variables)
                environment[key] = value;
        }

        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}/");
        environment["ASPNETCORE_URLS"] = address.TrimEnd('/');
        // As the AppHost starts services.
        environment["MALLOC_ARENA_MAX"] = "2";
        environment["DOTNET_GCgen0size"] = "0x1000000";
        environment["Logging__LogLevel__Default"] = "Warning";
        environment["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ";
        _services[name] = new(project, environment, new(address), Path.Combine(_folder, $"{name}.log"));
    }

    private async Task SuperviseAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            foreach (var (name, service) in _services)
            {
                if (service.RestartIfEnded() is not { } code)
                    continue;
                EndedByThemselves++;
                await _output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {name} ended by itself with code {code}; started again"));
            }

            await Task.Delay(Glance, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
