namespace SignalFlow.Storage.Posts;

/// <summary>One observation's instant and counters. <paramref name="At"/>: microseconds since the Unix epoch, PostgreSQL's resolution.</summary>
public readonly record struct Sample(long At, int Score, int Comments);

/// <summary>
/// What is remembered of a post: its newest observation, the one before it, and when it was first seen. A join-semilattice:
/// adding observations in any order, any number of times, ends in the same state.
/// </summary>
/// <param name="Last">The newest observation.</param>
/// <param name="Previous">The newest but one; null while there is only one.</param>
/// <param name="FirstSeen">Microseconds since the Unix epoch.</param>
public readonly record struct PostState(Sample Last, Sample? Previous, long FirstSeen)
{
    /// <summary>The instant of <see cref="Last"/> while there is no observation. PostgreSQL has it as <c>-infinity</c>.</summary>
    public static readonly long Never = (DateTime.MinValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static PostState First(Sample sample) => new(sample, null, sample.At);

    /// <summary>
    /// A post of which nothing is known but that it has gone: the counters are hearsay, and the first observation replaces all of it.
    /// </summary>
    public static PostState Unobserved(long heardOf, int score, int comments) => new(new(Never, score, comments), null, heardOf);

    public bool IsObserved => Last.At != Never;

    /// <summary>The state after one more observation. Of two observations of the same instant the one known first stays.</summary>
    public PostState Add(Sample sample)
    {
        if (!IsObserved)
            return First(sample);
        var firstSeen = Math.Min(FirstSeen, sample.At);
        if (sample.At > Last.At)
            return new(sample, Last, firstSeen);
        if (sample.At < Last.At && (Previous is not { } previous || sample.At > previous.At))
            return new(Last, sample, firstSeen);
        return this with { FirstSeen = firstSeen };
    }

    /// <summary>Points per second between the two observations; 0 while there is only one.</summary>
    public double ScoreVelocity => Previous is { } previous ? ((double)Last.Score - previous.Score) / Seconds(previous) : 0;

    /// <summary>Comments per second between the two observations; 0 while there is only one.</summary>
    public double CommentVelocity => Previous is { } previous ? ((double)Last.Comments - previous.Comments) / Seconds(previous) : 0;

    private double Seconds(Sample previous) => (Last.At - previous.At) / 1e6;
}
