using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SignalFlow.RedditSimulator;
using SignalFlow.RedditSimulator.Faults;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>The simulated Reddit behind a real Kestrel on a free port of the loopback interface, on simulated time.</summary>
internal sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string? _table;

    private SimulatorServer(WebApplication app, string? table)
    {
        _app = app;
        _table = table;
        World = (SyntheticWorld)app.Services.GetRequiredService<SimulatedWorld>();
        Table = app.Services.GetRequiredService<WorldFactory>().Table;
    }

    public Uri Address => new(_app.Urls.First());

    public SyntheticWorld World { get; }

    public SubredditTable Table { get; }

    public FaultBoard Faults => _app.Services.GetRequiredService<FaultBoard>();

    public WorldClock Clock => _app.Services.GetRequiredService<WorldClock>();

    public static async Task<SimulatorServer> StartAsync(
        Scenario scenario, int seed, double backfillHours, TimeProvider time, CancellationToken cancellationToken)
    {
        var table = scenario.Table is null ? null : Path.GetTempFileName();
        if (table is not null)
            await File.WriteAllTextAsync(table, scenario.Table, cancellationToken);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Simulator:Seed"] = seed.ToString(CultureInfo.InvariantCulture),
            ["Simulator:PostsPerDay"] = scenario.PostsPerDay.ToString(CultureInfo.InvariantCulture),
            ["Simulator:SubredditsPath"] = table,
            ["Simulator:BackfillHours"] = backfillHours.ToString(CultureInfo.InvariantCulture),
        });
        builder.Services.AddSingleton(time);
        builder.AddRedditSimulator();
        var app = builder.Build();
        app.MapRedditSimulator();
        await app.StartAsync(cancellationToken);
        var server = new SimulatorServer(app, table);
        server.Clock.Begin();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_table is not null)
            File.Delete(_table);
    }
}
