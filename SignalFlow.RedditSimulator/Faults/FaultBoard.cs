using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Faults;

/// <summary>The faults in force. Chance is drawn from the simulator's seed, so that a run can be repeated.</summary>
internal sealed class FaultBoard(SimulatorOptions options)
{
    private const double DefaultDelay = 5;
    private const int DefaultExpiresIn = 60;

    private readonly Lock _lock = new();
    private SplitMix64 _random = new(SplitMix64.Mix(0xFA, unchecked((ulong)options.Seed)));
    private Armed[] _faults = [];

    public IReadOnlyList<(FaultRule Rule, int Hits)> Current
    {
        get
        {
            lock (_lock)
                return [.. _faults.Select(armed => (armed.Rule, armed.Hits))];
        }
    }

    public void Replace(IEnumerable<FaultRule> rules)
    {
        lock (_lock)
            _faults = [.. rules.Select(rule => new Armed(rule))];
    }

    /// <summary>What happens to a request: how long it waits first, and the fault that answers it, if any.</summary>
    public (TimeSpan Delay, FaultRule? Fault) Take(FaultScope scope, IReadOnlyList<string> subreddits)
    {
        var delay = TimeSpan.Zero;
        lock (_lock)
        {
            foreach (var armed in _faults)
            {
                if (armed.Rule.Scope != scope || !armed.Applies(subreddits) || !Hits(armed.Rule))
                    continue;

                armed.Hits++;
                if (armed.Rule.Kind != FaultKind.Slow)
                    return (delay, WithDefaults(armed.Rule));

                delay += TimeSpan.FromSeconds(armed.Rule.Delay ?? DefaultDelay);
            }
        }

        return (delay, null);
    }

    private bool Hits(FaultRule rule) => rule.Probability is not { } probability || _random.NextFraction() < probability;

    private static FaultRule WithDefaults(FaultRule rule) =>
        rule.Kind == FaultKind.TokenShort ? rule with { ExpiresIn = rule.ExpiresIn ?? DefaultExpiresIn } : rule;

    private sealed class Armed(FaultRule rule)
    {
        public FaultRule Rule => rule;

        public int Hits { get; set; }

        public bool Applies(IReadOnlyList<string> subreddits) =>
            (rule.Count is not { } count || Hits < count)
            && (rule.Subreddit is not { } only || subreddits.Contains(only, StringComparer.OrdinalIgnoreCase));
    }
}
