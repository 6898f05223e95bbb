namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>signal_events</c>.</summary>
public sealed class SignalEventRow
{
    public long Id { get; init; }
    public required string Kind { get; init; }

    /// <summary>What makes it one event: of a surge the post and the phase that begins.</summary>
    public required string Key { get; init; }

    public required string Subject { get; init; }
    public string? Subreddit { get; init; }
    public string? PostId { get; init; }
    public DateTime OccurredAt { get; init; }
    public double Strength { get; init; }

    /// <summary>JSON.</summary>
    public required string Detail { get; init; }
}

/// <summary>A row of <c>sentiment_shifts</c>.</summary>
public sealed class SentimentShiftRow
{
    public required string Kind { get; init; }
    public required string Key { get; init; }
    public DateTime Since { get; init; }
    public DateTime Hour { get; init; }
    public int Posts { get; init; }
    public double Mean { get; init; }
    public double Usual { get; init; }
    public long UsualPosts { get; init; }
    public double Statistic { get; init; }
    public double PValue { get; init; }

    /// <summary>JSON.</summary>
    public required string Movers { get; init; }
}

/// <summary>A row of <c>activity_anomalies</c>.</summary>
public sealed class ActivityAnomalyRow
{
    public required string Subreddit { get; init; }
    public required string Measure { get; init; }
    public DateTime Since { get; init; }
    public DateTime Hour { get; init; }
    public required string Level { get; init; }
    public int Hours { get; init; }
    public int Count { get; init; }
    public double Usual { get; init; }
    public double Deviations { get; init; }
    public int Samples { get; init; }
    public short Baseline { get; init; }
}
