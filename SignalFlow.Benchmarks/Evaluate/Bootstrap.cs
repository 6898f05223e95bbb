namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>95 % intervals of a figure of posts, by the bootstrap: Efron, "Bootstrap methods", Annals of Statistics 7 (1979).</summary>
internal static class Bootstrap
{
    private const int Resamples = 1000;

    /// <param name="posts">How many there are.</param>
    /// <param name="figure">Of how often each post counts in a resample; NaN where it has none.</param>
    public static (double Low, double High) Interval(int posts, Func<int[], double> figure)
    {
        var random = new Random(1);
        var counts = new int[posts];
        var figures = new List<double>(Resamples);
        for (var i = 0; i < Resamples; i++)
        {
            Array.Clear(counts);
            for (var j = 0; j < posts; j++)
                counts[random.Next(posts)]++;
            if (figure(counts) is var value && double.IsFinite(value))
                figures.Add(value);
        }

        figures.Sort();
        return figures.Count == 0 ? (double.NaN, double.NaN) : (figures[figures.Count / 40], figures[figures.Count - 1 - figures.Count / 40]);
    }
}
