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
    public static PostState First(Sample sample) => new(sample, null, sample.At);

    /// <summary>The state after one more observation. Of two observations of the same instant the one known first stays.</summary>
    public PostState Add(Sample sample)
    {
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
