using Confluent.Kafka;

namespace SignalFlow.ServiceDefaults;

/// <summary>Outlives the fatal errors of its producers: after one the next use gets another producer.</summary>
public sealed class LastingProducer<TKey, TValue>(KafkaProducerFactory<TKey, TValue> producers) : IDisposable
{
    private readonly Lock _lock = new();
    private Life? _current;

    public async Task<T> UseAsync<T>(Func<IProducer<TKey, TValue>, Task<T>> use)
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

    /// <summary>Waits for what is still on its way.</summary>
    /// <returns>How many messages still are then.</returns>
    public int Flush(TimeSpan longest)
    {
        Life? life;
        lock (_lock)
        {
            life = _current;
            if (life is null)
                return 0;
            life.Users++;
        }

        try
        {
            return life.Producer.Flush(longest);
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

        public Life(KafkaProducerFactory<TKey, TValue> producers) => Producer = producers.Build(() => _isDead = true);

        public IProducer<TKey, TValue> Producer { get; }

        public bool IsDead => _isDead;

        /// <summary>Guarded by the lock.</summary>
        public int Users { get; set; }
    }
}
