namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>post_stories</c>.</summary>
public sealed class PostStory
{
    public required string PostId { get; init; }
    public long Story { get; init; }

    /// <summary>0 its first post, 1 the same link, 2 nearly the same title, 3 the same words.</summary>
    public short Evidence { get; init; }

    public double Similarity { get; init; }
    public DateTime SeenAt { get; init; }
}

/// <summary>A row of <c>term_bursts</c>.</summary>
public sealed class TermBurstRow
{
    public DateTime Bucket { get; init; }
    public required string Term { get; init; }
    public int Authors { get; init; }
    public int Posts { get; init; }
    public int Subreddits { get; init; }
    public double Expected { get; init; }
    public double PValue { get; init; }

    /// <summary>What it was compared with: 1 the hours before, 2 the hour of the day, 3 the hour of the week.</summary>
    public short Baseline { get; init; }
}

/// <summary>A row of <c>term_hours</c>.</summary>
public sealed class TermHourRow
{
    public DateTime Hour { get; init; }
    public int Volume { get; init; }
}
