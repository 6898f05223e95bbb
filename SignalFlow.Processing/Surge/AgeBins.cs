namespace SignalFlow.Processing.Surge;

/// <summary>
/// The ages at which posts are compared, in minutes. Dense where a post's fate is decided and sparse afterwards; the bin of an age is that
/// of the nearest named age. PostgreSQL finds the same one by <c>width_bucket(age, edges) - 1</c>.
/// </summary>
internal static class AgeBins
{
    public const int Count = 15;

    private static readonly double[] Named = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440];

    private static readonly double[] Bounds = [3, 7.5, 12.5, 17.5, 25, 37.5, 52.5, 75, 105, 150, 210, 300, 420, 600, 1080, 1800];

    /// <summary>The named ages, minutes.</summary>
    public static ReadOnlySpan<double> Ages => Named;

    /// <summary>Bin i reaches from edge i up to, but not including, edge i + 1. Minutes.</summary>
    public static ReadOnlySpan<double> Edges => Bounds;

    /// <returns>The bin of an age, or -1 for one that is not compared: under 3 minutes, or 30 hours and more.</returns>
    public static int Of(double minutes)
    {
        if (!(minutes >= Bounds[0]))
            return -1;
        for (var bin = 0; bin < Count; bin++)
        {
            if (minutes < Bounds[bin + 1])
                return bin;
        }

        return -1;
    }
}
