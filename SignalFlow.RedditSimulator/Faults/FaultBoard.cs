using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Faults;

/// <param name="Delay">How long the request waits first.</param>
/// <param name="Fault">What answers it, or changes its answer, if anything.</param>
/// <param name="Subreddits">Those of the named ones that the answer is about.</param>
internal readonly record struct FaultVerdict(TimeSpan Delay, FaultRule? Fault, IReadOnlyList<string> Subreddits);

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

    /// <summary>What happens to a request.</summary>
    /// <param name="scope">What is asked for.</param>
    /// <param name="subreddits">The subreddits it names.</param>
    public FaultVerdict Take(FaultScope scope, IReadOnlyList<string> subreddits)
    {
        var delay = TimeSpan.Zero;
        var left = subreddits;
        lock (_lock)
        {
            foreach (var armed in _faults)
            {
                if (!Concerns(armed.Rule.Scope, scope) || !armed.Applies(left) || !Hits(armed.Rule))
                    continue;

                armed.Hits++;
                if (armed.Rule.Kind == FaultKind.Slow)
                    delay += TimeSpan.FromSeconds(armed.Rule.Delay ?? DefaultDelay);
                else if (armed.Rule.OmitsFromGroups && Without(left, armed.Rule.Subreddit) is { Count: > 0 } others)
                    left = others;
                else
                    return new FaultVerdict(delay, WithDefaults(armed.Rule), left);
            }
        }

        return new FaultVerdict(delay, null, left);
    }

    private static List<string> Without(IReadOnlyList<string> subreddits, string? omitted) =>
        [.. subreddits.Where(name => !name.Equals(omitted, StringComparison.OrdinalIgnoreCase))];

    private static bool Concerns(FaultScope rule, FaultScope request) =>
        rule == request || (rule == FaultScope.Api && request == FaultScope.Info);

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
