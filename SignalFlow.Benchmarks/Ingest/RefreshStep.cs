namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Posts younger than <paramref name="MaxAge"/> at an observation are due again after <paramref name="Interval"/>.</summary>
internal readonly record struct RefreshStep(TimeSpan MaxAge, TimeSpan Interval)
{
    public static RefreshStep? At(IReadOnlyList<RefreshStep> steps, TimeSpan age)
    {
        foreach (var step in steps)
        {
            if (age < step.MaxAge)
                return step;
        }

        return null;
    }
}
