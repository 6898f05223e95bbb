using Microsoft.Extensions.Logging;

namespace SignalFlow.Embedded;

/// <summary>A topic of the embedded Kafka, with as many replicas as the cluster allows, at most three.</summary>
public sealed record EmbeddedTopic(string Name, int Partitions);

public sealed class EmbeddedInfrastructureOptions
{
    /// <summary>Holds everything that outlives the process: the database.</summary>
    public required string DataFolder { get; init; }

    public IReadOnlyList<EmbeddedTopic> Topics { get; init; } = [];
    public int Brokers { get; init; } = 3;

    /// <summary>Made if missing.</summary>
    public string Database { get; init; } = "signalflow";
}

/// <summary>PostgreSQL, Kafka and Redis for one process on one machine, all on the loopback interface. Only the database outlives the process.</summary>
public sealed class EmbeddedInfrastructure : IAsyncDisposable
{
    private const int LargestReplicationFactor = 3;

    private readonly EmbeddedPostgres _postgres;
    private readonly EmbeddedKafka _kafka;
    private readonly EmbeddedRedis _redis;

    private EmbeddedInfrastructure(EmbeddedPostgres postgres, EmbeddedKafka kafka, EmbeddedRedis redis, string database)
    {
        _postgres = postgres;
        _kafka = kafka;
        _redis = redis;
        SignalFlow = postgres.ConnectionString(database);
    }

    /// <summary>Connection string <c>kafka</c>.</summary>
    public string Kafka => _kafka.BootstrapServers;

    /// <summary>Connection string <c>redis</c>.</summary>
    public string Redis => _redis.ConnectionString;

    /// <summary>Connection string <c>signalflow</c>.</summary>
    public string SignalFlow { get; }

    /// <summary>Starts all three servers, and stops what runs if one of them cannot start.</summary>
    /// <exception cref="EmbeddedInfrastructureException">A server cannot start; the message is meant for the person who started the program.</exception>
    public static async Task<EmbeddedInfrastructure> StartAsync(
        EmbeddedInfrastructureOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default)
    {
        var postgresStart = StartPostgresAsync(options, loggerFactory, cancellationToken);
        EmbeddedKafka? kafka = null;
        EmbeddedRedis? redis = null;
        try
        {
            kafka = StartKafka(options);
            redis = EmbeddedRedis.Start(loggerFactory: loggerFactory);
            return new EmbeddedInfrastructure(await postgresStart, kafka, redis, options.Database);
        }
        catch
        {
            redis?.Dispose();
            kafka?.Dispose();
            await ((Task)postgresStart).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (postgresStart.IsCompletedSuccessfully)
                await (await postgresStart).DisposeAsync();
            throw;
        }
    }

    /// <summary>Deletes the data folder's database for good; nothing happens if there is none.</summary>
    /// <exception cref="EmbeddedInfrastructureException">The folder holds something else, or is in use.</exception>
    public static Task DeleteDataAsync(string dataFolder, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default) =>
        EmbeddedPostgres.DeleteAsync(PostgresOptions(dataFolder, loggerFactory), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _redis.Dispose();
        _kafka.Dispose();
        await _postgres.DisposeAsync();
    }

    private static async Task<EmbeddedPostgres> StartPostgresAsync(
        EmbeddedInfrastructureOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var postgres = await EmbeddedPostgres.StartAsync(PostgresOptions(options.DataFolder, loggerFactory), cancellationToken);
        try
        {
            await postgres.CreateDatabaseAsync(options.Database, cancellationToken);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    private static EmbeddedKafka StartKafka(EmbeddedInfrastructureOptions options)
    {
        var kafka = EmbeddedKafka.Start(options.Brokers);
        try
        {
            foreach (var topic in options.Topics)
                kafka.CreateTopic(topic.Name, topic.Partitions, Math.Min(options.Brokers, LargestReplicationFactor));
            return kafka;
        }
        catch
        {
            kafka.Dispose();
            throw;
        }
    }

    private static EmbeddedPostgresOptions PostgresOptions(string dataFolder, ILoggerFactory loggerFactory) =>
        new() { DataFolder = Path.Combine(dataFolder, "postgres"), LoggerFactory = loggerFactory };
}
