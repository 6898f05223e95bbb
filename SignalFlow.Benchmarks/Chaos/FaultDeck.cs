namespace SignalFlow.Benchmarks.Chaos;

/// <summary>The faults of a campaign, drawn from a seed: the same seed draws the same faults, though not the same moments.</summary>
internal sealed class FaultDeck(ServiceFaults services, BrokerFaults brokers, StoreFaults stores, InputFaults inputs, int seed, string? only)
{
    private readonly Random _random = new(seed);
    private readonly Func<Random, Fault?>[] _faults =
    [
        services.Killed, services.Killed, services.Killed, services.BothKilled, services.Halted, services.Halted, services.Restarted, services.Scaled,
        services.ClockJumps,
        brokers.Down, brokers.LeadersChange, brokers.Refuse, brokers.Refuse, brokers.Slow,
        stores.PostgresRestarted, stores.PostgresKilled, _ => stores.SessionsEnded(), stores.SlotsUsedUp, stores.DiskFull, stores.TableLocked,
        stores.PostgresDisturbed, stores.PostgresDisturbed,
        stores.RedisDisturbed, stores.RedisDisturbed, _ => stores.RedisFlushed(),
        inputs.Poison, inputs.Repeats, inputs.Reddit, inputs.Reddit,
    ];

    private Queue<Func<Random, Fault?>> _rest = new();

    /// <summary>Every kind comes before one comes again.</summary>
    /// <exception cref="ArgumentException">There is none of the kind that is wanted.</exception>
    public Fault Next()
    {
        for (var drawn = 0; drawn < 2 * _faults.Length; drawn++)
        {
            if (_rest.Count == 0)
            {
                var shuffled = _faults.ToArray();
                _random.Shuffle(shuffled);
                _rest = new(shuffled);
            }

            if (_rest.Dequeue()(_random) is { } fault && (only is null || fault.Kind.Contains(only, StringComparison.OrdinalIgnoreCase)))
                return fault;
        }

        throw new ArgumentException($"No kind of fault that can be drawn here has '{only}' in its name.");
    }
}
