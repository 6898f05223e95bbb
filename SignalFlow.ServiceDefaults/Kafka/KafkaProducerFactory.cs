using Confluent.Kafka;

namespace SignalFlow.ServiceDefaults;

/// <summary>Builds producers that are configured alike. A fatal error ends a producer: it takes no more messages, whatever becomes of Kafka.</summary>
public sealed class KafkaProducerFactory<TKey, TValue>(Func<Action?, IProducer<TKey, TValue>> build)
{
    /// <param name="died">Told of a fatal error, on the producer's own thread, before the messages that fail with it.</param>
    public IProducer<TKey, TValue> Build(Action? died) => build(died);
}
