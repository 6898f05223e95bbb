using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Makes sure that the topics a service needs exist before its workers start. Replication follows the cluster: factor 3 with
/// <c>min.insync.replicas=2</c> from three brokers up, else 1.
/// </summary>
internal sealed partial class KafkaTopicInitializer(
    IAdminClient admin,
    IEnumerable<KafkaTopic> topics,
    IOptions<KafkaOptions> options,
    TimeProvider time,
    ILogger<KafkaTopicInitializer> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromSeconds(1); ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                await EnsureAsync(cancellationToken);
                return;
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                // The broker may start after us: compose files only order container starts.
                LogWaiting(exception.Error.Reason, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var metadata = await Task.Run(() => admin.GetMetadata(MetadataTimeout), cancellationToken);
        var existing = metadata.Topics.Where(topic => topic.Error.Code == ErrorCode.NoError).Select(topic => topic.Topic).ToHashSet();
        var missing = topics.Where(topic => !existing.Contains(topic.Name)).ToList();
        if (missing.Count == 0)
            return;

        var replicated = metadata.Brokers.Count >= 3;
        try
        {
            await admin.CreateTopicsAsync(missing.Select(topic => new TopicSpecification
            {
                Name = topic.Name,
                NumPartitions = topic.Partitions ?? options.Value.Partitions,
                ReplicationFactor = (short)(replicated ? 3 : 1),
                Configs = Configs(topic, replicated),
            }));
            LogCreated(string.Join(", ", missing.Select(topic => topic.Name)));
        }
        catch (CreateTopicsException exception)
        {
            var refused = exception.Results
                .Where(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists)).ToList();
            if (refused.Any(result => result.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed))
            {
                throw new InvalidOperationException(
                    "These Kafka topics are missing and this principal may not create them: "
                    + string.Join(", ", refused.Select(result => result.Topic)), exception);
            }

            if (refused.Count > 0)
                throw;
        }
    }

    private static Dictionary<string, string> Configs(KafkaTopic topic, bool replicated)
    {
        var configs = new Dictionary<string, string> { ["min.insync.replicas"] = replicated ? "2" : "1" };
        if (topic.MaxMessageBytes is { } bytes)
            configs["max.message.bytes"] = bytes.ToString(CultureInfo.InvariantCulture);
        return configs;
    }

    [LoggerMessage(LogLevel.Information, "Created Kafka topics {Topics}")]
    private partial void LogCreated(string topics);

    [LoggerMessage(LogLevel.Warning, "Kafka is not ready ({Reason}); asking again in {Wait}")]
    private partial void LogWaiting(string reason, TimeSpan wait);
}
