using Confluent.Kafka;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Outlives its producers. A fatal error, such as a sequence that is out of order, ends one: it takes no more messages, whatever becomes of Kafka. The next
/// use gets another one.
/// </summary>
/// <param name="build">Is given what to call on a fatal error, on the producer's own thread, before the messages that fail with it.</param>
public sealed class LastingProducer<TKey, TValue>(Func<Action, IProducer<TKey, TValue>> build) : IDisposable
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

    public Task UseAsync(Func<IProducer<TKey, TValue>, Task> use) => UseAsync(async producer =>
    {
        await use(producer);
        return true;
    });

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
                _current = new(build);
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

        public Life(Func<Action, IProducer<TKey, TValue>> build) => Producer = build(() => _isDead = true);

        public IProducer<TKey, TValue> Producer { get; }

        public bool IsDead => _isDead;

        /// <summary>Guarded by the lock.</summary>
        public int Users { get; set; }
    }
}
