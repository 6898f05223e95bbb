using Confluent.Kafka;
using SignalFlow.Contracts;

namespace SignalFlow.Processing.Consuming;

/// <summary>
/// Raw and refresh must have the same number of partitions: else the two halves of a post's observations go to different consumers, and
/// each works against the other's state.
/// </summary>
internal static class CoPartitioning
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <param name="consumer">Of the client whose connections are used.</param>
    /// <param name="partitions">Of each of the two.</param>
    /// <returns>False while the broker does not answer or a topic is still missing.</returns>
    /// <exception cref="InvalidOperationException">The numbers differ.</exception>
    public static bool IsChecked(IConsumer<byte[], byte[]> consumer, out int partitions)
    {
        partitions = 0;
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            if (Partitions(admin, KafkaTopics.Raw) is not { } raw || Partitions(admin, KafkaTopics.Refresh) is not { } refresh)
                return false;
            partitions = raw;
            return raw == refresh
                ? true
                : throw new InvalidOperationException(
                    $"Topic {KafkaTopics.Raw} has {raw} partitions and {KafkaTopics.Refresh} has {refresh}. They must have the same number: "
                    + "add partitions to the one that has fewer.");
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private static int? Partitions(IAdminClient admin, string topic)
    {
        var metadata = admin.GetMetadata(topic, Timeout).Topics[0];
        return metadata.Error.IsError || metadata.Partitions.Count == 0 ? null : metadata.Partitions.Count;
    }
}
