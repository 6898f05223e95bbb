using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Storage.Reading.Replicas;

internal static class ReplicaExtensions
{
    /// <summary>Registers the pooled <see cref="SignalFlowDbContext"/> with the replicas' monitor, health and metrics.</summary>
    public static void AddReplicaReading(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReadTargets>();
        builder.Services.AddHostedService<ReplicaMonitor>();
        builder.Services.AddScoped(provider => new ReadSession(provider.GetRequiredService<ReadTargets>()));
        builder.Services.AddScoped(provider => new ReadConnections(
            provider.GetRequiredKeyedService<NpgsqlDataSource>(StorageExtensions.ReadingKey),
            provider.GetRequiredService<ReadSession>(),
            provider.GetRequiredService<ReadTargets>().Metrics));

        builder.Services.AddPooledDbContextFactory<SignalFlowDbContext>((provider, options) =>
        {
            var metrics = provider.GetRequiredService<ReadTargets>().Metrics;
            options
                .UseNpgsql(
                    provider.GetRequiredKeyedService<NpgsqlDataSource>(StorageExtensions.ReadingKey),
                    npgsql => npgsql.ExecutionStrategy(dependencies => new ReadExecutionStrategy(dependencies, metrics)))
                .UseReading()
                // What is repeated with success is no error; what is not ends as the request's own.
                .ConfigureWarnings(warnings => warnings.Log(
                    (RelationalEventId.ConnectionError, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug)));
        });
        builder.Services.AddScoped(provider =>
        {
            var context = provider.GetRequiredService<IDbContextFactory<SignalFlowDbContext>>().CreateDbContext();
            context.Session = provider.GetRequiredService<ReadSession>();
            return context;
        });

        builder.Services.AddHealthChecks().AddCheck<ReplicaHealthCheck>("replica", HealthStatus.Degraded);
        builder.Services.Configure<HealthCheckServiceOptions>(health =>
        {
            var check = health.Registrations.Single(registration => registration.Name == PostgresExtensions.HealthCheckName);
            var primary = check.Factory;
            check.Factory = provider => new PrimaryHealthCheck(primary(provider), provider.GetRequiredService<ReadTargets>());
        });
    }
}
