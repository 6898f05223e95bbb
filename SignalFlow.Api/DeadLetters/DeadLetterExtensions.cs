using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SignalFlow.Api.DeadLetters.Replaying;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters;

internal static class DeadLetterExtensions
{
    private const string KafkaConnection = "kafka";

    /// <summary>Registers the inbox of dead letters. Without a connection to Kafka it can be read, and letters be discarded, but not replayed.</summary>
    public static IHostApplicationBuilder AddDeadLetters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<DeadLetterOptions, DeadLetterOptions.Validator>().BindConfiguration(DeadLetterOptions.Section);
        builder.Services.AddScoped<DeadLetterQueries>();
        builder.Services.AddSingleton<DeadLetterAdministration>();
        builder.Services.AddSingleton<ReplayMetrics>();
        builder.Services.AddSingleton<DeadLetterOperations>();
        if (builder.Configuration.GetConnectionString(KafkaConnection) is not { Length: > 0 })
            return builder;

        builder.AddKafkaProducer<byte[], byte[]>(
            KafkaConnection,
            (provider, config) =>
                config.MessageTimeoutMs = (int)provider.GetRequiredService<IOptions<DeadLetterOptions>>().Value.ReplayTimeout.TotalMilliseconds,
            ReplayPublisher.ProducerKey,
            // All but replaying goes on.
            HealthStatus.Degraded);
        builder.Services.AddSingleton<ReplayPublisher>();
        return builder;
    }
}
