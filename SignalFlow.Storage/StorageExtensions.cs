using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Storage.DeadLetters;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Pipeline;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Reading;
using SignalFlow.Storage.Reading.Replicas;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Storage;

public static class StorageExtensions
{
    public const string ConnectionName = "signalflow";

    /// <summary>Optional: standbys of the same database, for reading.</summary>
    public const string ReplicaConnectionName = "signalflow-replica";

    /// <summary>Key of the data source that only reads.</summary>
    internal const string ReadingKey = "signalflow-reading";

    internal const string MeterName = "SignalFlow.Storage";

    internal static readonly ActivitySource Activities = new(MeterName);

    /// <summary>
    /// Registers the stores. Hosted services that are registered after this call start only when the database has this
    /// program's schema; migrating it is a job of its own (<see cref="DatabaseMigrator"/>).
    /// </summary>
    public static IHostApplicationBuilder AddPostStorage(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDataSource(ConnectionName);
        builder.Services.AddDatabaseMigrator();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SchemaGate>());
        builder.Services.TryAddSingleton<SubredditConfigStore>();
        builder.Services.TryAddSingleton<IngestionStateStore>();
        builder.Services.TryAddSingleton<HistoryPartitions>();
        builder.Services.TryAddSingleton<PostWriter>();
        builder.Services.TryAddSingleton<DeadLetterStore>();
        builder.Services.TryAddSingleton<PipelineStateStore>();
        builder.Services.TryAddSingleton<SignalEventStore>();
        return builder;
    }

    /// <summary>
    /// Registers the jobs that keep the storage: rollups, retention, TimescaleDB's policies. One process of all that run them is at each
    /// job at a time. Needs <see cref="AddPostStorage"/>.
    /// </summary>
    public static IHostApplicationBuilder AddStorageHousekeeping(this IHostApplicationBuilder builder)
    {
        builder.AddStorageOptions();
        builder.Services.AddSingleton<AlertMetrics>();
        builder.Services.AddSingleton<AlertEvaluation>();
        builder.Services.AddSingleton<StorageJobs>();
        builder.Services.AddSingleton<StorageMetrics>();
        builder.Services.AddSingleton<StorageSampler>();
        builder.Services.AddSingleton<StorageJobRunner>();
        builder.Services.AddHostedService<HousekeepingService>();
        return builder;
    }

    public static IHostApplicationBuilder AddStorageOptions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<StorageOptions, StorageOptions.Validator>().BindConfiguration(StorageOptions.Section);
        return builder;
    }

    /// <summary>For programs that only migrate.</summary>
    public static IServiceCollection AddDatabaseMigrator(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DatabaseMigrator>();
        return services;
    }

    /// <summary>
    /// Registers the pooled <see cref="SignalFlowDbContext"/> for reading: on the same data source or, where replicas are configured, on them
    /// while they follow the primary closely enough.
    /// </summary>
    public static IHostApplicationBuilder AddPostReading(this IHostApplicationBuilder builder)
    {
        builder.AddPostStorage();
        builder.Services.AddKeyedSingleton(ReadingKey, (provider, _) => ReadingSource(provider));
        builder.Services.AddOptionsWithValidateOnStart<ReplicaOptions, ReplicaOptions.Validator>().BindConfiguration(ReplicaOptions.Section);
        if (builder.Configuration.GetConnectionString(ReplicaConnectionName) is { Length: > 0 })
        {
            builder.AddReplicaReading();
        }
        else
        {
            builder.Services.AddDbContextPool<SignalFlowDbContext>((provider, options) => options
                .UseNpgsql(provider.GetRequiredKeyedService<NpgsqlDataSource>(ReadingKey))
                .UseReading());
            builder.Services.AddScoped(provider => new ReadConnections(provider.GetRequiredKeyedService<NpgsqlDataSource>(ReadingKey)));
        }

        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        return builder;
    }

    private static NpgsqlDataSource ReadingSource(IServiceProvider provider)
    {
        var configured = provider.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionName)!;
        var source = new NpgsqlDataSourceBuilder(ForReading(configured)) { Name = ReadingKey };
        return source.TraceWithin().UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>()).Build();
    }

    /// <summary>
    /// A session that only reads leaves nothing behind that the next one would have to be protected from by a reset, which costs a third of a page.
    /// </summary>
    internal static string ForReading(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true }.ConnectionString;

    private sealed class SchemaGate(DatabaseMigrator migrator) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => migrator.WaitForSchemaAsync(cancellationToken);
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
