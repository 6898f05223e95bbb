using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Kafka, Redis and PostgreSQL, the last two behind proxies. Whoever disturbs and whoever checks goes to them directly.</summary>
internal sealed class ChaosServers : IAsyncDisposable
{
    public const int Partitions = 12;
    public const string Group = "signalflow-processing";

    private const string DatabaseName = "signalflow";
    private const string Password = "of-the-services";
    private const int MaxConnections = 60;

    private readonly string _folder;
    private readonly EmbeddedPostgresOptions _options;

    private ChaosServers(string folder, bool isTmpfs, EmbeddedPostgresOptions options, EmbeddedPostgres postgres)
    {
        _folder = folder;
        _options = options;
        IsSmallDisk = isTmpfs;
        Postgres = postgres;
        PostgresProxy = new(() => Postgres.Port);
        RedisProxy = new(() => Redis.Port);
        foreach (var topic in new[] { KafkaTopics.Raw, KafkaTopics.Refresh })
            Kafka.CreateTopic(topic, Partitions, 3);
        Kafka.CreateTopic(KafkaTopics.DeadLetter, 1, 3);
        DataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Direct) { MaxPoolSize = 5 }.ConnectionString);
    }

    public EmbeddedKafka Kafka { get; } = EmbeddedKafka.Start();

    public EmbeddedRedis Redis { get; } = EmbeddedRedis.Start();

    public EmbeddedPostgres Postgres { get; }

    public DisturbedProxy PostgresProxy { get; }

    public DisturbedProxy RedisProxy { get; }

    /// <summary>Connection string of the database, not through the proxy.</summary>
    public string Direct => Postgres.ConnectionString(DatabaseName);

    /// <summary>Not through the proxy.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>The database has a disk of its own, which can be filled.</summary>
    public bool IsSmallDisk { get; }

    /// <summary>Fills the disk of the database.</summary>
    public string BallastFile => Path.Combine(_folder, "ballast");

    /// <summary>What a service connects with, to the database as the user who may do what it is for.</summary>
    /// <param name="user"><c>ingestion</c>, <c>processing</c> or <c>api</c>.</param>
    public IReadOnlyDictionary<string, string> Connections(string user) => new Dictionary<string, string>
    {
        ["ConnectionStrings__kafka"] = Kafka.BootstrapServers,
        ["ConnectionStrings__redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{RedisProxy.Port}"),
        ["ConnectionStrings__signalflow"] =
            new NpgsqlConnectionStringBuilder(Direct) { Port = PostgresProxy.Port, MaxPoolSize = 10, Username = user, Password = Password }.ConnectionString,
    };

    /// <param name="folder">Empty. Becomes a small disk where this user may mount one.</param>
    /// <param name="mebibytes">Of that disk; null: it has none of its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ChaosServers> StartAsync(string folder, int? mebibytes, CancellationToken cancellationToken)
    {
        var isTmpfs = mebibytes is not null && OperatingSystem.IsLinux() && Environment.UserName == "root"
            && await ExitCodeAsync(
                "mount",
                ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m,mode=0755"), "tmpfs", folder],
                cancellationToken) == 0;
        var options = new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), MaxConnections = MaxConnections };
        var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
        await postgres.CreateDatabaseAsync(DatabaseName, cancellationToken);
        var servers = new ChaosServers(folder, isTmpfs, options, postgres);
        await new DatabaseMigrator(servers.DataSource, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
        await ServiceLogins.ApplyAsync(servers.DataSource, new() { Ingestion = Password, Processing = Password, Api = Password }, cancellationToken);
        return servers;
    }

    /// <summary>Brings the database back, if it does not run, as its supervisor would.</summary>
    public async Task RestorePostgresAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // A connection of the pool would seem to be open.
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Direct) { Pooling = false }.ConnectionString);
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } && attempt < 200)
            {
                // It recovers by itself.
                await Task.Delay(100, cancellationToken);
            }
            catch (PostgresException exception) when (
                exception.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.AdminShutdown && attempt < 200)
            {
                await Task.Delay(100, cancellationToken);
            }
            catch (NpgsqlException) when (attempt < 200)
            {
                Postgres.KillServer();
                await Postgres.StartServerAsync(cancellationToken);
            }
        }
    }

    /// <summary>Signals that have to be found anew.</summary>
    public async Task<long> RefoldsAsync(CancellationToken cancellationToken)
    {
        await using var command = DataSource.CreateCommand("SELECT count(*) FROM surge_refolds");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await PostgresProxy.DisposeAsync();
        await RedisProxy.DisposeAsync();
        Kafka.Dispose();
        Redis.Dispose();
        await Postgres.DisposeAsync();
        await EmbeddedPostgres.DeleteAsync(_options);
        if (IsSmallDisk)
            await ExitCodeAsync("umount", ["-l", _folder], CancellationToken.None);
    }

    private static async Task<int> ExitCodeAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }
}
