using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

public static partial class KafkaExtensions
{
    private const int RequestTimeoutMs = 10_000;
    // Ten seconds in librdkafka: all that time after a broker has come back nobody would ask it.
    private const int ReconnectBackoffMaxMs = 2_000;

    /// <summary>
    /// Registers a singleton <see cref="LastingProducer{TKey, TValue}"/>: idempotent, <c>acks=all</c>, snappy. Deliveries report through the
    /// handler that the caller passes to <c>Produce</c>. A second one of a process needs a <paramref name="serviceKey"/>.
    /// </summary>
    /// <param name="builder">The service's.</param>
    /// <param name="connectionName">Of the connection string.</param>
    /// <param name="configure">Changes what the producer has by default.</param>
    /// <param name="serviceKey">Null: the one that is injected without a key.</param>
    /// <param name="withoutKafka">What the service is worth while no broker answers, unless it has said so before.</param>
    public static IHostApplicationBuilder AddKafkaProducer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<IServiceProvider, ProducerConfig>? configure = null,
        object? serviceKey = null, HealthStatus withoutKafka = HealthStatus.Unhealthy)
    {
        builder.AddKafka(connectionName, withoutKafka);
        builder.Services.TryAddKeyedSingleton(serviceKey, (provider, _) => new LastingProducer<TKey, TValue>(died =>
        {
            var options = provider.GetRequiredService<IOptions<KafkaOptions>>().Value;
            var config = new ProducerConfig(provider.GetRequiredService<ClientConfig>())
            {
                EnableIdempotence = true,
                Acks = Acks.All,
                CompressionType = CompressionType.Snappy,
                LingerMs = options.Linger.TotalMilliseconds,
                RequestTimeoutMs = RequestTimeoutMs,
                MessageTimeoutMs = 60_000,
                // The topic's limit decides; this one would refuse a dead letter that is a little larger than its message.
                MessageMaxBytes = 4 << 20,
            };
            configure?.Invoke(provider, config);
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("SignalFlow.Kafka.Producer");
            return new ProducerBuilder<TKey, TValue>(config)
                .SetErrorHandler((_, error) =>
                {
                    LogError(logger, error);
                    if (error.IsFatal)
                        died();
                })
                .SetLogHandler((_, message) => Log(logger, message))
                .Build();
        }));
        return builder;
    }

    /// <summary>
    /// Registers a transient <see cref="ConsumerBuilder{TKey, TValue}"/> for group <paramref name="groupId"/>: offsets are stored by the
    /// caller after its work is done and committed in the background. Whoever builds a consumer owns it until <c>Close</c>. A second group
    /// of one process needs a <paramref name="serviceKey"/>.
    /// </summary>
    public static IHostApplicationBuilder AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, string groupId, Action<ConsumerConfig>? configure = null,
        object? serviceKey = null)
    {
        builder.AddKafka(connectionName);
        builder.Services.TryAddKeyedTransient(serviceKey, (provider, _) =>
        {
            var options = provider.GetRequiredService<IOptions<KafkaOptions>>().Value;
            var config = new ConsumerConfig(provider.GetRequiredService<ClientConfig>())
            {
                GroupId = groupId,
                SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
                HeartbeatIntervalMs = (int)options.HeartbeatInterval.TotalMilliseconds,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                EnableAutoOffsetStore = false,
                EnableAutoCommit = true,
            };
            configure?.Invoke(config);
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("SignalFlow.Kafka.Consumer");
            return new ConsumerBuilder<TKey, TValue>(config)
                .SetErrorHandler((_, error) => LogError(logger, error))
                .SetLogHandler((_, message) => Log(logger, message));
        });
        return builder;
    }

    /// <summary>Creates <paramref name="topics"/> at start where they are missing, before any hosted service starts.</summary>
    public static IHostApplicationBuilder AddKafkaTopics(
        this IHostApplicationBuilder builder, string connectionName, params ReadOnlySpan<KafkaTopic> topics)
    {
        builder.AddKafka(connectionName);
        foreach (var topic in topics)
        {
            if (!builder.Services.Any(service => topic.Equals(service.ImplementationInstance)))
                builder.Services.AddSingleton(topic);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, KafkaTopicInitializer>());
        return builder;
    }

    private static void AddKafka(
        this IHostApplicationBuilder builder, string connectionName, HealthStatus withoutKafka = HealthStatus.Unhealthy)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(ClientConfig)))
            return;

        builder.ValidateConnectionStringOnStart(connectionName);
        builder.Services.AddOptions<KafkaOptions>().BindConfiguration(KafkaOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<KafkaOptions>>(new KafkaOptionsValidator());
        // Each client copies this, so one client's settings never leak into another's.
        builder.Services.AddTransient(provider =>
        {
            var config = new ClientConfig
            {
                BootstrapServers = provider.GetRequiredService<IConfiguration>().GetRequiredConnectionString(connectionName),
                ClientId = builder.Environment.ApplicationName,
                // A request that a broker has lost is taken for answered by nobody after a minute as librdkafka has it; all that waits behind it waits as long.
                SocketTimeoutMs = RequestTimeoutMs,
                ReconnectBackoffMaxMs = ReconnectBackoffMaxMs,
            };
            provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Apply(config);
            return config;
        });
        builder.Services.AddSingleton(provider =>
        {
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("SignalFlow.Kafka.Admin");
            return new AdminClientBuilder(new AdminClientConfig(provider.GetRequiredService<ClientConfig>()))
                .SetErrorHandler((_, error) => LogError(logger, error))
                .SetLogHandler((_, message) => Log(logger, message))
                .Build();
        });
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "kafka",
            provider => new KafkaHealthCheck(provider.GetRequiredService<IAdminClient>()),
            withoutKafka,
            tags: null));
    }

    private static void Log(ILogger logger, LogMessage message)
    {
        var level = (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        // librdkafka calls a broker that closes an idle connection an error; the error handler tells what matters.
        LogClient(logger, level >= LogLevel.Error ? LogLevel.Warning : LogLevel.Debug, message.Name, message.Facility, message.Message);
    }

    private static void LogError(ILogger logger, Error error)
    {
        if (error.IsFatal)
            LogFatal(logger, error.Code, error.Reason);
        else
            LogTransient(logger, error.Code, error.Reason);
    }

    [LoggerMessage(Message = "{Client} {Facility}: {Text}")]
    private static partial void LogClient(ILogger logger, LogLevel level, string client, string facility, string text);

    [LoggerMessage(LogLevel.Warning, "Kafka client error {Code}: {Reason}")]
    private static partial void LogTransient(ILogger logger, ErrorCode code, string reason);

    [LoggerMessage(LogLevel.Critical, "Fatal Kafka client error {Code}: {Reason}")]
    private static partial void LogFatal(ILogger logger, ErrorCode code, string reason);

    private sealed class KafkaOptionsValidator : IValidateOptions<KafkaOptions>
    {
        public ValidateOptionsResult Validate(string? name, KafkaOptions options) =>
            options.Validate().ToList() is { Count: > 0 } failures ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private sealed class KafkaHealthCheck(IAdminClient admin) : IHealthCheck
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                // GetMetadata blocks, so it must not hold the request's thread.
                var metadata = await Task.Run(() => admin.GetMetadata(Timeout), cancellationToken);
                return HealthCheckResult.Healthy($"{metadata.Brokers.Count} broker(s)");
            }
            catch (KafkaException exception)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "no Kafka broker answers", exception);
            }
        }
    }
}
