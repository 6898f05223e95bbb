namespace SignalFlow.Processing.Surge;

/// <summary>
/// Over which time a post's gain is measured: since the newest observation at least <see cref="Least"/> earlier. Shorter ones measure noise:
/// of the 2-minute steps in recorded communities a third go down (vote fuzzing).
/// </summary>
internal static class SurgeWindow
{
    public const long Minute = 60_000_000;

    /// <summary>Microseconds.</summary>
    public const long Least = 8 * Minute;

    /// <summary>A gain over a longer time tells nothing of now. Microseconds.</summary>
    public const long Most = 180 * Minute;

    /// <summary>A post that is younger at first sight is measured from its birth, with Reddit's one point; at least this old. Microseconds.</summary>
    public const long LeastAge = 5 * Minute;

    /// <summary>A post that is older at first sight has no gain yet. Microseconds.</summary>
    public const long MostAge = 20 * Minute;

    /// <summary>Every post is born with its author's vote.</summary>
    public const int BirthScore = 1;

    public static double Minutes(long microseconds) => microseconds / (double)Minute;
}
