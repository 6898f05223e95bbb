using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SignalFlow.RedditSimulator;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Standalone;

/// <summary>The simulated Reddit on a port of its own, and what ingestion must know to use it.</summary>
internal sealed class SimulatedRedditServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatedRedditServer(WebApplication app, int speed)
    {
        _app = app;
        Simulated = app.Services.GetRequiredService<SimulatedReddit>();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        IngestionSettings = new Dictionary<string, string?>
        {
            ["Reddit:ClientId"] = "standalone",
            ["Reddit:ClientSecret"] = "simulated",
            ["Reddit:UserAgent"] = "linux:signalflow:0.1 (by /u/standalone)",
            ["Reddit:TokenUrl"] = $"{address}/api/v1/access_token",
            ["Reddit:ApiBaseUrl"] = address,
            ["Ingestion:Speed"] = speed.ToString(CultureInfo.InvariantCulture),
            ["Surge:Speed"] = speed.ToString(CultureInfo.InvariantCulture),
        };
    }

    public SimulatedReddit Simulated { get; }

    public IReadOnlyDictionary<string, string?> IngestionSettings { get; }

    /// <summary>Cancelled when it stops, by itself too.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <exception cref="WrongConfigurationException">The corpus or the folder of the world's state is unusable.</exception>
    public static async Task<SimulatedRedditServer> StartAsync(StandaloneOptions options, CancellationToken stop)
    {
        var builder = StandaloneHost.CreateBuilder("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Simulator:Seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["Simulator:Speed"] = options.Speed.ToString(CultureInfo.InvariantCulture),
            ["Simulator:Rate"] = options.Rate.ToString("R", CultureInfo.InvariantCulture),
            ["Simulator:CorpusPath"] = options.Corpus,
            ["Simulator:StatePath"] = StoredData.SimulatorFolder(options.DataFolder),
        });
        // No ServiceDefaults: the main host's telemetry covers the whole process.
        builder.AddRedditSimulator();
        var app = builder.Build();
        try
        {
            app.ThrowIfMisconfigured();
            app.MapRedditSimulator();
            await app.StartAsync(stop);
            return new(app, options.Speed);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
