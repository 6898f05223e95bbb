using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Connections;
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
    public static readonly IReadOnlyList<EmbeddedTopic> Topics =
        [new(KafkaTopics.Raw, Partitions), new(KafkaTopics.Refresh, Partitions), new(KafkaTopics.DeadLetter, 1)];
    // Half of what the embedded server allows; the rest is for psql and the like.
    private const int MaxConnections = 30;
    // Ingestion may need 15 seconds and processing 20, at the same time.
    private static readonly TimeSpan ServicesStopBudget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(35);

    /// <summary>Returns after an orderly stop.</summary>
    /// <exception cref="StandaloneException">Command line or environment cannot be carried out, or a service failed.</exception>
    /// <exception cref="WrongConfigurationException">A service is configured wrongly.</exception>
    public static async Task RunAsync(StandaloneOptions options, CancellationToken stop)
    {
        var plan = StandalonePlan.Make(options, new ConfigurationBuilder().AddEnvironmentVariables().Build());
        using var logging = LoggerFactory.Create(logging => logging.AddConsole().SetMinimumLevel(LogLevel.Warning));
        if (options.Fresh)
            await StoredData.DeleteAsync(options.DataFolder, logging, stop);

        await using var infrastructure = await EmbeddedInfrastructure.StartAsync(Infrastructure(options, plan), logging, stop);
        await using var dataSource = NpgsqlDataSource.Create(infrastructure.SignalFlow);
        await MigrateAsync(dataSource, logging, stop);

        await using var reddit = plan.SimulatesReddit ? await SimulatedRedditServer.StartAsync(options, stop) : null;
        if (options.Corpus is not null && reddit is not null)
        {
            await new SubredditConfigStore(dataSource).ActivateAsync(reddit.Simulated.Subreddits, "fast", "corpus", stop);
        }

        var adminPassword = plan.AdminPassword is null ? await AdminPassword.GetAsync(options.DataFolder, stop) : null;
        await using var app = Build(plan, options.DataFolder, infrastructure, reddit, adminPassword);
        app.ThrowIfMisconfigured();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, app.Lifetime.ApplicationStopping, reddit?.Stopping ?? default);
        await RunAsync(app, plan.Port, PrintBannerAsync, stop, end.Token);

        async Task PrintBannerAsync() => Banner.Print(
            plan, options, reddit, adminPassword is not null && await app.Services.IsFirstAdminAsync(adminPassword, end.Token) ? adminPassword : null);
    }

    /// <param name="stop">The person's wish.</param>
    /// <param name="end">The same, or a host has stopped by itself because one of its services failed.</param>
    private static async Task RunAsync(WebApplication app, int port, Func<Task> onStartedAsync, CancellationToken stop, CancellationToken end)
    {
        try
        {
            await app.StartAsync(end);
            await onStartedAsync();
            await Task.Delay(Timeout.Infinite, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Also while starting.
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw LocalPort.Taken(port, exception);
        }
        finally
        {
            using var budget = new CancellationTokenSource(StopBudget);
            await app.StopAsync(budget.Token);
        }

        if (!stop.IsCancellationRequested)
            throw new StandaloneException("A service failed, so SignalFlow has stopped; the log above tells why.");
    }

    private static async Task MigrateAsync(NpgsqlDataSource dataSource, ILoggerFactory logging, CancellationToken stop)
    {
        try
        {
            await new DatabaseMigrator(dataSource, TimeProvider.System, logging.CreateLogger<DatabaseMigrator>()).MigrateAsync(stop);
        }
        catch (NpgsqlException exception)
        {
            throw new StandaloneException($"The database of ConnectionStrings:signalflow cannot be used: {exception.Message}", exception);
        }
    }

    private static EmbeddedInfrastructureOptions Infrastructure(StandaloneOptions options, StandalonePlan plan) => new()
    {
        DataFolder = options.DataFolder,
        Topics = Topics,
        ExternalDatabase = plan.Database,
        ExternalKafka = plan.Kafka,
        ExternalRedis = plan.Redis,
    };

    /// <summary>On one's own machine reading is open and nobody is slowed; configuration may say otherwise.</summary>
    private static void AddAccess(ConfigurationManager configuration, string? adminPassword)
    {
        // Known to this process only, whose pages read with it.
        var key = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Api:ServiceKey"] = key, ["Web:ApiKey"] = key });
        if (adminPassword is not null)
            configuration["SIGNALFLOW_ADMIN_PASSWORD"] = adminPassword;
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
            [
                ("Api:PublicRead", "true"), ("Api:Reference", "true"), ("Api:Live:MaxConnectionsPerAddress", "10000"),
                ("Api:AddressRequestsPerMinute", "6000000"), ("Api:UserRequestsPerMinute", "6000000"), ("Api:KeyRequestsPerMinute", "6000000"),
                ("Api:CallerRequestsAtOnce", "0"), ("Api:CallerExportsAtOnce", "0"), ("Web:AddressRequestsPerMinute", "6000000")
            ])
        {
            if (string.IsNullOrEmpty(configuration[name]))
                configuration[name] = value;
        }
    }

    private static WebApplication Build(
        StandalonePlan plan, string dataFolder, EmbeddedInfrastructure infrastructure, SimulatedRedditServer? reddit, string? adminPassword)
    {
        var builder = StandaloneHost.CreateBuilder($"http://localhost:{plan.Port}");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = infrastructure.Kafka,
            ["ConnectionStrings:redis"] = infrastructure.Redis,
            ["ConnectionStrings:signalflow"] = plan.Database
                ?? new NpgsqlConnectionStringBuilder(infrastructure.SignalFlow) { MaxPoolSize = MaxConnections }.ConnectionString,
            ["services:api:http:0"] = $"http://localhost:{plan.Port}",
            ["Web:KeysFolder"] = Path.Combine(dataFolder, "web-keys"),
        });
        // The keys lie beside the database, for their owner's eyes only.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        AddAccess(builder.Configuration, adminPassword);
        if (reddit is not null)
            builder.Configuration.AddInMemoryCollection(reddit.IngestionSettings);
        // Dense enough to see a rise begin; what the quota does not allow is given up by ingestion, the oldest and quietest posts first.
        if (string.IsNullOrEmpty(builder.Configuration["Ingestion:RefreshPreset"]))
            builder.Configuration["Ingestion:RefreshPreset"] = "early";

        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddStorageHousekeeping();
        builder.AddProcessing();
        builder.AddIngestion();
        builder.AddSignalFlowApi();
        builder.AddSignalFlowWeb();
        builder.Services.PostConfigure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = ServicesStopBudget;
        });

        var app = builder.Build();
        if (infrastructure.DatabaseFolder is { } folder)
            _ = new DataDiskMetrics(app.Services.GetRequiredService<IMeterFactory>(), folder);
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        app.MapSignalFlowWeb();
        return app;
    }
}
