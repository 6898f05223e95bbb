namespace SignalFlow.Processing.Surge;

/// <summary>
/// Classes of a post's level z against its community's own row: below 0, below 1, below 2, and from 2 on. Growth between the classes' typical
/// levels is interpolated, so that a prediction does not jump when a post passes a bound.
/// </summary>
internal static class LevelClass
{
    public const int Count = 4;

    private const double Step = 0.25;

    private static readonly double[] Bounds = [0, 1, 2];

    private static readonly double[] Typical = [-0.75, 0.5, 1.5, 3];

    public static int Of(double level)
    {
        var found = 0;
        while (found < Bounds.Length && level >= Bounds[found])
            found++;
        return found;
    }

    /// <summary>The two neighbouring classes of a level, and how much of the upper one there is in it, 0 to 1.</summary>
    public static (int Lower, int Upper, double Share) Between(double level)
    {
        if (!(level > Typical[0]))
            return (0, 0, 0);
        for (var upper = 1; upper < Count; upper++)
        {
            if (level < Typical[upper])
                return (upper - 1, upper, (level - Typical[upper - 1]) / (Typical[upper] - Typical[upper - 1]));
        }

        return (Count - 1, Count - 1, 0);
    }

    /// <summary>
    /// Robust z of a value on the logarithmic scale. The constant keeps small communities, in which most scores are equal, from dividing by
    /// nearly nothing: no level counts in finer steps than a quarter of e.
    /// </summary>
    public static double Level(double value, double median, double mad) => (value - median) / (1.4826 * mad + Step);

    /// <summary>The same for comments, of which there are fewer, so that chance alone moves them further.</summary>
    public static double Discussion(double value, double median, double mad) => (value - median) / (1.4826 * mad + 2 * Step);

    /// <summary>1 where all values are equal, towards 0 the more they spread.</summary>
    public static double Sameness(double mad) => Step / (1.4826 * mad + Step);
}
