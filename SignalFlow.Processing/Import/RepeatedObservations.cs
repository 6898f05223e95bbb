namespace SignalFlow.Processing.Import;

/// <summary>
/// Finds the rows that the original stored twice. Its history is keyed by the time of writing, so a message that came again became a second
/// row, some seconds later and with the same counters. It looks at no post twice within five minutes, so such rows are repeats, and left in they would
/// make the velocity 0.
/// </summary>
internal static class RepeatedObservations
{
    /// <summary>Microseconds.</summary>
    public const long Window = 60_000_000;

    /// <summary>Brings observations of one post into their order and takes the repeats out.</summary>
    /// <returns>How many were taken out.</returns>
    public static int Fold(List<OriginalObservation> observations)
    {
        // Of one instant any one may stay, as long as it is the same in every run.
        observations.Sort((one, other) => (one.Sample.At, -(long)one.Sample.Score, -(long)one.Sample.Comments, one.Ratio ?? -1)
            .CompareTo((other.Sample.At, -(long)other.Sample.Score, -(long)other.Sample.Comments, other.Ratio ?? -1)));
        var kept = 0;
        for (var index = 0; index < observations.Count; index++)
        {
            if (kept == 0 || !IsRepeat(observations[kept - 1], observations[index]))
                observations[kept++] = observations[index];
        }

        var repeats = observations.Count - kept;
        observations.RemoveRange(kept, repeats);
        return repeats;
    }

    /// <summary>
    /// Adds the look that the row of the post tells of, if no row of the history does. That row is written a moment before the history's, in a
    /// transaction of its own, so their times differ a little.
    /// </summary>
    public static bool TryAdd(List<OriginalObservation> observations, OriginalObservation ofPost)
    {
        if (observations.Exists(known =>
            known.Sample.At == ofPost.Sample.At || HasCountersOf(known, ofPost) && Math.Abs(known.Sample.At - ofPost.Sample.At) <= Window))
        {
            return false;
        }

        observations.Add(ofPost);
        observations.Sort((one, other) => one.Sample.At.CompareTo(other.Sample.At));
        return true;
    }

    private static bool IsRepeat(OriginalObservation kept, OriginalObservation next) =>
        next.Sample.At == kept.Sample.At
        || next.Sample.At - kept.Sample.At <= Window && HasCountersOf(kept, next) && kept.Ratio.Equals(next.Ratio);

    private static bool HasCountersOf(OriginalObservation one, OriginalObservation other) =>
        one.Sample.Score == other.Sample.Score && one.Sample.Comments == other.Sample.Comments;
}
