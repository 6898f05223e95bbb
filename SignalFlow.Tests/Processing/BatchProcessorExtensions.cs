using Confluent.Kafka;
using SignalFlow.Processing.Batches;

namespace SignalFlow.Tests.Processing;

internal static class BatchProcessorExtensions
{
    /// <summary>One batch from beginning to end, as the consume loop does it.</summary>
    public static async Task ProcessAsync(
        this BatchProcessor processor, IReadOnlyList<ConsumeResult<byte[], byte[]>> records, CancellationToken cancellationToken) =>
        processor.Announce(await processor.StoreAsync(processor.PrepareAsync(records, cancellationToken), previous: null, cancellationToken));
}
