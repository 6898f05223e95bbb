using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
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
            ["Ingestion:Speed"] = speed.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    public SimulatedReddit Simulated { get; }

    public IReadOnlyDictionary<string, string?> IngestionSettings { get; }

    /// <returns>Null when there are credentials for the real Reddit.</returns>
    /// <exception cref="StandaloneException">Options of the simulation were given together with credentials, or the corpus is unusable.</exception>
    public static async Task<SimulatedRedditServer?> StartIfNeededAsync(
        StandaloneOptions options, string stateFolder, IConfiguration configuration, CancellationToken stop)
    {
        if (HasCredentials(configuration))
        {
            return options is { Corpus: null, Speed: 1 }
                ? null
                : throw new StandaloneException("--corpus and --speed simulate Reddit; unset the Reddit credentials (Reddit__ClientId) to use them.");
        }

        var builder = StandaloneHost.CreateBuilder("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Simulator:Seed"] = Invariant(options.Seed),
            ["Simulator:Speed"] = Invariant(options.Speed),
            ["Simulator:Rate"] = options.Rate.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            ["Simulator:CorpusPath"] = options.Corpus,
            ["Simulator:StatePath"] = stateFolder,
        });
        builder.AddServiceDefaults();
        builder.AddRedditSimulator();
        var app = builder.Build();
        try
        {
            app.MapServiceDefaults();
            app.MapRedditSimulator();
            await app.StartAsync(stop);
            return new(app, options.Speed);
        }
        catch (OptionsValidationException exception)
        {
            await app.DisposeAsync();
            throw new StandaloneException(exception.Message, exception);
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

    private static bool HasCredentials(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration["Reddit:ClientId"] ?? configuration["REDDIT_CLIENT_ID"]);

    private static string Invariant(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
