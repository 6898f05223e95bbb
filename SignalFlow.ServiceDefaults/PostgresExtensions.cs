using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry.Trace;

namespace SignalFlow.ServiceDefaults;

public static class PostgresExtensions
{
    public const string HealthCheckName = "postgres";

    /// <summary>
    /// Registers the singleton <see cref="NpgsqlDataSource"/> of the connection string <paramref name="connectionName"/> with health
    /// check, metrics and traces. Calling it again for the same name changes nothing, so every capability can ask for it.
    /// </summary>
    public static IHostApplicationBuilder AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(NpgsqlDataSource)))
            return builder;

        builder.ValidateConnectionStringOnStart(connectionName, value => _ = new NpgsqlConnectionStringBuilder(value));
        builder.Services.AddSingleton(provider =>
        {
            // Read when first resolved, not while registering: by then a logger can tell what is wrong.
            var connectionString = provider.GetRequiredService<IConfiguration>().GetRequiredConnectionString(connectionName);
            var source = new NpgsqlDataSourceBuilder(connectionString) { Name = connectionName };
            source.TraceWithin();
            source.UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>());
            return source.Build();
        });

        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            HealthCheckName,
            provider => new PostgresHealthCheck(provider.GetRequiredService<NpgsqlDataSource>()),
            HealthStatus.Unhealthy,
            tags: null,
            timeout: TimeSpan.FromSeconds(5)));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddNpgsqlInstrumentation());
        // If there is tracing at all.
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddNpgsql());
        return builder;
    }

    /// <summary>
    /// Queries that nothing asked for, as those of timers, make no spans: each would be a trace of its own, and they are most of all queries. Nor do those of
    /// a trace that is not kept: Npgsql puts their text together before it learns that nobody wants it.
    /// </summary>
    public static NpgsqlDataSourceBuilder TraceWithin(this NpgsqlDataSourceBuilder source) => source.ConfigureTracing(tracing => tracing
        .ConfigureCommandFilter(_ => IsWithinRecorded())
        .ConfigureBatchFilter(_ => IsWithinRecorded())
        .ConfigureCopyOperationFilter(_ => IsWithinRecorded())
        .EnablePhysicalOpenTracing(false)
        .EnableFirstResponseEvent(false));

    private static bool IsWithinRecorded() => Activity.Current is { Recorded: true };

    private sealed class PostgresHealthCheck(NpgsqlDataSource dataSource) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = dataSource.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "the database does not answer", exception);
            }
        }
    }
}
