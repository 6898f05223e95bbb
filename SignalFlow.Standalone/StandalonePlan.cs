using Npgsql;
using SignalFlow.Storage;

namespace SignalFlow.Standalone;

/// <summary>What command line and environment come to, found out before anything is started or deleted.</summary>
internal sealed record StandalonePlan
{
    public required int Port { get; init; }

    /// <summary>False where there are credentials for the real Reddit.</summary>
    public required bool SimulatesReddit { get; init; }

    /// <summary><c>ConnectionStrings:signalflow</c>; null: the embedded server. So with the other two.</summary>
    public required string? Database { get; init; }

    /// <summary><c>ConnectionStrings:signalflow-replica</c>, which the services read themselves.</summary>
    public required string? Replica { get; init; }

    public required string? Kafka { get; init; }

    public required string? Redis { get; init; }

    /// <summary><c>SIGNALFLOW_ADMIN_PASSWORD</c>; null: one is made at random.</summary>
    public required string? AdminPassword { get; init; }

    /// <exception cref="StandaloneException">They cannot be carried out.</exception>
    public static StandalonePlan Make(StandaloneOptions options, IConfiguration configuration)
    {
        var plan = new StandalonePlan
        {
            SimulatesReddit = !HasCredentials(configuration),
            Database = External(configuration, StorageExtensions.ConnectionName),
            Replica = External(configuration, StorageExtensions.ReplicaConnectionName),
            Kafka = External(configuration, "kafka"),
            Redis = External(configuration, "redis"),
            AdminPassword = configuration["SIGNALFLOW_ADMIN_PASSWORD"] is { Length: > 0 } password ? password : null,
            Port = LocalPort.Claim(options.Port),
        };
        if (!plan.SimulatesReddit && options is not { Corpus: null, Speed: 1 })
            throw new StandaloneException("--corpus and --speed simulate Reddit; unset the Reddit credentials (Reddit__ClientId) to use them.");
        if (options.Fresh && plan.Database is not null)
            throw new StandaloneException("--fresh empties the embedded database only; unset ConnectionStrings__signalflow to use it.");
        if (plan.Database is null && plan.Replica is not null)
        {
            throw new StandaloneException(
                "ConnectionStrings:signalflow-replica needs ConnectionStrings:signalflow beside it: the embedded database has no replica.");
        }

        if (options.Corpus is { } corpus)
            RequireReadable(corpus);
        if (plan.Database is { } database)
            RequireConnectionString(database);
        return plan;
    }

    private static bool HasCredentials(IConfiguration configuration)
    {
        var hasId = !string.IsNullOrWhiteSpace(configuration["Reddit:ClientId"] ?? configuration["REDDIT_CLIENT_ID"]);
        var hasSecret = !string.IsNullOrWhiteSpace(configuration["Reddit:ClientSecret"] ?? configuration["REDDIT_CLIENT_SECRET"]);
        return hasId == hasSecret
            ? hasId
            : throw new StandaloneException(
                $"Reddit:{(hasId ? "ClientSecret" : "ClientId")} is not set: the credentials are Reddit__ClientId and Reddit__ClientSecret "
                + "(or REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET), set both or none.");
    }

    private static string? External(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) is { Length: > 0 } value ? value : null;

    private static void RequireReadable(string corpus)
    {
        try
        {
            using var file = File.OpenRead(corpus);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StandaloneException($"The corpus cannot be read ({exception.Message.TrimEnd('.')}); name another file with --corpus.", exception);
        }
    }

    private static void RequireConnectionString(string database)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(database);
        }
        catch (ArgumentException exception)
        {
            throw new StandaloneException($"ConnectionStrings:signalflow is not a connection string: {exception.Message}", exception);
        }
    }
}
