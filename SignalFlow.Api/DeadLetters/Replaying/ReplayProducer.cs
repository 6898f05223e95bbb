using Confluent.Kafka;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>The producer of replays. After a fatal error the next replay gets another one.</summary>
internal sealed class ReplayProducer(
    [FromKeyedServices(ReplayProducer.Key)] KafkaProducerFactory<byte[], byte[]> producers) : IDisposable
{
    public const string Key = "dead-letter-replay";

    private readonly Lock _lock = new();
    private Life? _current;

    public async Task<T> UseAsync<T>(Func<IProducer<byte[], byte[]>, Task<T>> use)
    {
        var life = Begin();
        try
        {
            return await use(life.Producer);
        }
        finally
        {
            End(life);
        }
    }

    public void Dispose() => _current?.Producer.Dispose();

    private Life Begin()
    {
        lock (_lock)
        {
            // It may have died while nobody used it.
            if (_current is { IsDead: true, Users: 0 })
                _current.Producer.Dispose();
            if (_current is not { IsDead: false })
                _current = new(producers);
            _current.Users++;
            return _current;
        }
    }

    // Whoever still waits for deliveries would wait forever if the producer went before they came.
    private void End(Life life)
    {
        lock (_lock)
        {
            if (--life.Users > 0 || !life.IsDead)
                return;
            if (_current == life)
                _current = null;
        }

        life.Producer.Dispose();
    }

    private sealed class Life
    {
        private volatile bool _isDead;

        public Life(KafkaProducerFactory<byte[], byte[]> producers) => Producer = producers.Build(() => _isDead = true);

        public IProducer<byte[], byte[]> Producer { get; }

        public bool IsDead => _isDead;

        /// <summary>Guarded by the lock.</summary>
        public int Users { get; set; }
    }
}
