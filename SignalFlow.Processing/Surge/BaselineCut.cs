namespace SignalFlow.Processing.Surge;

/// <summary>
/// Which table an observation is compared with: that of a cut, an instant that follows from the observation's own time and nothing else. So a
/// replay uses the table that the first run used, and every replica the same one, whenever and in whatever batches the observations come.
/// </summary>
/// <remarks>
/// Cuts are multiples of <see cref="Period"/>. The table of a cut is made of observations before the cut only, is stored once and never changed.
/// An observation uses the newest cut that was over for at least <see cref="Period"/>: by then its table has been stored, late history included.
/// Whoever finds it missing makes it and stores it, and if another was faster takes that one; an older one would be another result.
/// </remarks>
internal static class BaselineCut
{
    /// <summary>15 minutes, in microseconds.</summary>
    public const long Period = 15 * SurgeWindow.Minute;

    /// <param name="observedAt">Microseconds since the Unix epoch.</param>
    /// <param name="period">Microseconds.</param>
    /// <returns>The cut, microseconds since the Unix epoch.</returns>
    public static long Of(long observedAt, long period = Period) => (observedAt / period - 1) * period;
}
