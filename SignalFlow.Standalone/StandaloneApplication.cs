using Npgsql;
using SignalFlow.Api;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Ingestion;
using SignalFlow.Processing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Web;

namespace SignalFlow.Standalone;

/// <summary>
/// Starts the servers, brings the database to the present schema, starts the simulated Reddit if there are no credentials for the real
/// one, then all services in one host; stops them in the reverse order.
/// </summary>
internal static class StandaloneApplication
{
    private const int Partitions = 3;
    // Half of what the embedded server allows; the rest is for psql and the like.
    private const int MaxConnections = 30;
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(25);

    public static async Task RunAsync(StandaloneOptions options, CancellationToken stop)
    {
        var port = LocalPort.Claim(options.Port);
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        using var logging = LoggerFactory.Create(logging => logging.AddConsole().SetMinimumLevel(LogLevel.Warning));
        var state = Path.Combine(options.DataFolder, "simulator");
        if (options.Fresh)
        {
            await EmbeddedInfrastructure.DeleteDataAsync(options.DataFolder, logging, stop);
            if (Directory.Exists(state))
                Directory.Delete(state, recursive: true);
        }

        await using var infrastructure = await EmbeddedInfrastructure.StartAsync(Infrastructure(options), logging, stop);
        await using var dataSource = NpgsqlDataSource.Create(infrastructure.SignalFlow);
        await new DatabaseMigrator(dataSource, TimeProvider.System, logging.CreateLogger<DatabaseMigrator>()).MigrateAsync(stop);

        await using var reddit = await SimulatedRedditServer.StartIfNeededAsync(options, state, configuration, stop);
        if (options.Corpus is not null && reddit is not null)
        {
            await new SubredditConfigStore(dataSource).ActivateAsync(reddit.Simulated.Subreddits, "fast", "corpus", stop);
        }

        await using var app = Build(port, infrastructure, reddit);
        await app.StartAsync(stop);
        try
        {
            Banner.Print(port, options, reddit);
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            using var budget = new CancellationTokenSource(StopBudget);
            await app.StopAsync(budget.Token);
        }
    }

    private static EmbeddedInfrastructureOptions Infrastructure(StandaloneOptions options) => new()
    {
        DataFolder = options.DataFolder,
        Topics = [new(KafkaTopics.Raw, Partitions), new(KafkaTopics.Refresh, Partitions), new(KafkaTopics.DeadLetter, 1)],
    };

    private static WebApplication Build(int port, EmbeddedInfrastructure infrastructure, SimulatedRedditServer? reddit)
    {
        var builder = StandaloneHost.CreateBuilder($"http://localhost:{port}");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = infrastructure.Kafka,
            ["ConnectionStrings:redis"] = infrastructure.Redis,
            ["ConnectionStrings:signalflow"] = new NpgsqlConnectionStringBuilder(infrastructure.SignalFlow) { MaxPoolSize = MaxConnections }.ConnectionString,
            ["services:api:http:0"] = $"http://localhost:{port}",
        });
        if (reddit is not null)
            builder.Configuration.AddInMemoryCollection(reddit.IngestionSettings);

        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddProcessing();
        builder.AddIngestion();
        builder.AddSignalFlowApi();
        builder.AddSignalFlowWeb();

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        app.MapSignalFlowWeb();
        return app;
    }
}
