using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SignalFlow.ServiceDefaults;

public static partial class RedisExtensions
{
    /// <summary>
    /// Registers the singleton <see cref="IConnectionMultiplexer"/> of the connection string <paramref name="connectionName"/>.
    /// It connects in the background and reconnects by itself; while Redis is away the service is degraded, not unhealthy.
    /// </summary>
    public static IHostApplicationBuilder AddRedisClient(this IHostApplicationBuilder builder, string connectionName)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IConnectionMultiplexer)))
            return builder;

        builder.ValidateConnectionStringOnStart(connectionName, value => _ = ConfigurationOptions.Parse(value));
        builder.Services.AddSingleton<IConnectionMultiplexer>(provider =>
        {
            var options = ConfigurationOptions.Parse(
                provider.GetRequiredService<IConfiguration>().GetRequiredConnectionString(connectionName));
            options.AbortOnConnectFail = false;
            // Redis only speeds things up here, so waiting long for it would turn a cache into a bottleneck.
            options.ConnectTimeout = 2_000;
            options.AsyncTimeout = 1_000;
            options.SyncTimeout = 1_000;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            // The client's own log writes a stack trace per attempt; two lines tell as much.
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("SignalFlow.Redis");
            var redis = ConnectionMultiplexer.Connect(options);
            redis.ConnectionFailed += (_, failure) => LogLost(logger, failure.EndPoint?.ToString(), failure.FailureType);
            redis.ConnectionRestored += (_, restored) => LogBack(logger, restored.EndPoint?.ToString());
            return redis;
        });

        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "redis",
            provider => new RedisHealthCheck(provider.GetRequiredService<IConnectionMultiplexer>()),
            HealthStatus.Degraded,
            tags: null,
            timeout: TimeSpan.FromSeconds(5)));
        return builder;
    }

    [LoggerMessage(LogLevel.Warning, "Redis {EndPoint} is away: {Failure}")]
    private static partial void LogLost(ILogger logger, string? endPoint, ConnectionFailureType failure);

    [LoggerMessage(LogLevel.Information, "Redis {EndPoint} is back")]
    private static partial void LogBack(ILogger logger, string? endPoint);

    private sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "Redis does not answer", exception);
            }
        }
    }
}
