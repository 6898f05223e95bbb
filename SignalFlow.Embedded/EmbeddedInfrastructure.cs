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

    /// <summary>Connection string of a database to use instead of an embedded server.</summary>
    public string? ExternalDatabase { get; init; }

    /// <summary>Bootstrap servers of a cluster to use instead of the embedded one; its topics are not made here.</summary>
    public string? ExternalKafka { get; init; }

    /// <summary>Connection string of a server to use instead of the embedded one.</summary>
    public string? ExternalRedis { get; init; }
}

/// <summary>
/// PostgreSQL, Kafka and Redis for one process on one machine, all on the loopback interface unless the options name others. Only the
/// database outlives the process.
/// </summary>
public sealed class EmbeddedInfrastructure : IAsyncDisposable
{
    private const int LargestReplicationFactor = 3;

    // Null where an external one is used.
    private readonly EmbeddedPostgres? _postgres;
    private readonly EmbeddedKafka? _kafka;
    private readonly EmbeddedRedis? _redis;

    private EmbeddedInfrastructure(EmbeddedInfrastructureOptions options, EmbeddedPostgres? postgres, EmbeddedKafka? kafka, EmbeddedRedis? redis)
    {
        _postgres = postgres;
        _kafka = kafka;
        _redis = redis;
        SignalFlow = options.ExternalDatabase ?? postgres!.ConnectionString(options.Database);
        Kafka = options.ExternalKafka ?? kafka!.BootstrapServers;
        Redis = options.ExternalRedis ?? redis!.ConnectionString;
    }

    /// <summary>Connection string <c>kafka</c>.</summary>
    public string Kafka { get; }

    /// <summary>Connection string <c>redis</c>.</summary>
    public string Redis { get; }

    /// <summary>Connection string <c>signalflow</c>.</summary>
    public string SignalFlow { get; }

    /// <summary>Where the private database keeps its files; null where the database is an external one.</summary>
    public string? DatabaseFolder => _postgres?.ClusterFolder;

    /// <summary>Starts the servers that the options do not name, and stops what runs if one of them cannot start.</summary>
    /// <exception cref="EmbeddedInfrastructureException">A server cannot start; the message is meant for the person who started the program.</exception>
    public static async Task<EmbeddedInfrastructure> StartAsync(
        EmbeddedInfrastructureOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default)
    {
        var postgresStart = StartPostgresAsync(options, loggerFactory, cancellationToken);
        EmbeddedKafka? kafka = null;
        EmbeddedRedis? redis = null;
        try
        {
            kafka = options.ExternalKafka is null ? StartKafka(options) : null;
            redis = options.ExternalRedis is null ? EmbeddedRedis.Start(loggerFactory: loggerFactory) : null;
            return new EmbeddedInfrastructure(options, await postgresStart, kafka, redis);
        }
        catch
        {
            redis?.Dispose();
            kafka?.Dispose();
            await ((Task)postgresStart).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (postgresStart.IsCompletedSuccessfully && await postgresStart is { } postgres)
                await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Deletes the data folder's database for good; nothing happens if there is none.</summary>
    /// <exception cref="EmbeddedInfrastructureException">The folder holds something else, or is in use.</exception>
    public static Task DeleteDataAsync(string dataFolder, ILoggerFactory loggerFactory, CancellationToken cancellationToken = default) =>
        EmbeddedPostgres.DeleteAsync(PostgresOptions(dataFolder, loggerFactory), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _redis?.Dispose();
        _kafka?.Dispose();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    private static async Task<EmbeddedPostgres?> StartPostgresAsync(
        EmbeddedInfrastructureOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        if (options.ExternalDatabase is not null)
            return null;

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
