using System.Globalization;

namespace SignalFlow.Contracts;

/// <summary>What the analysis has noticed, newest first.</summary>
public sealed record SignalList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }
    public required IReadOnlyList<SignalView> Results { get; init; }
}

public sealed record SignalView
{
    public required long Id { get; init; }

    /// <summary><c>surge</c>, <c>term_burst</c>, <c>sentiment_shift</c> or <c>anomaly</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What a surge has come to: <c>emerging</c> or <c>trending</c>; null of the other kinds.</summary>
    public string? Phase { get; init; }

    /// <summary>A post, a term, a subreddit or a topic.</summary>
    public required string Subject { get; init; }

    public string? Subreddit { get; init; }
    public string? PostId { get; init; }

    /// <summary>Of the post as it is now; null where there is none, or no more.</summary>
    public string? Title { get; init; }

    public bool Over18 { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Of a surge times the typical, of the others standard deviations.</summary>
    public required double Strength { get; init; }

    /// <summary>In words; null where what it said of a post is purged.</summary>
    public string? Reason { get; init; }
}

public sealed record SentimentShiftList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>Those that last first, then the newest.</summary>
    public required IReadOnlyList<SentimentShiftView> Results { get; init; }
}

/// <summary>How the sentiment of a subreddit or topic differs from that of the seven days before.</summary>
public sealed record SentimentShiftView
{
    /// <summary><c>subreddit</c> or <c>topic</c>, which is a keyword.</summary>
    public required string Kind { get; init; }

    public required string Key { get; init; }

    /// <summary>The end of the first six hours in which it was found.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The end of the last six hours in which it was found; the numbers are of these.</summary>
    public required DateTimeOffset Until { get; init; }

    public required bool Lasts { get; init; }

    public required int Posts { get; init; }

    /// <summary>-1 to 1.</summary>
    public required double Mean { get; init; }

    /// <summary>The mean of the seven days before.</summary>
    public required double Usual { get; init; }

    public required long UsualPosts { get; init; }

    /// <summary>Welch's t.</summary>
    public required double Statistic { get; init; }

    /// <summary>Two-sided.</summary>
    public required double PValue { get; init; }

    /// <summary>The posts that moved it most.</summary>
    public required IReadOnlyList<SentimentMoverView> Movers { get; init; }

    /// <summary>"-0.31 instead of 0.12 (24 posts in 6 hours, t -4.2)".</summary>
    public string Reason => string.Create(CultureInfo.InvariantCulture, $"{Mean:0.00} instead of {Usual:0.00} ({Posts} posts in 6 hours, t {Statistic:0.0})");
}

/// <param name="PostId">Without the prefix.</param>
/// <param name="Sentiment">-1 to 1.</param>
/// <param name="Contribution">What it added to the difference of the means.</param>
/// <param name="Title">As it is now; null where the post is purged, or for adults.</param>
public sealed record SentimentMoverView(string PostId, double Sentiment, double Contribution, string? Title = null);

public sealed record ActivityAnomalyList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>Those that last first, then the newest.</summary>
    public required IReadOnlyList<ActivityAnomalyView> Results { get; init; }
}

/// <summary>A subreddit that was unusually busy, or unusually quiet.</summary>
public sealed record ActivityAnomalyView
{
    public required string Subreddit { get; init; }

    /// <summary><c>posts</c> or <c>comments</c>.</summary>
    public required string Measure { get; init; }

    /// <summary><c>loud</c> or <c>quiet</c>.</summary>
    public required string Level { get; init; }

    /// <summary>The end of the first hour in which it was found.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The end of the last hour in which it was found; the numbers are of this one.</summary>
    public required DateTimeOffset Until { get; init; }

    public required bool Lasts { get; init; }

    /// <summary>How many hours the count is of: silence is also looked for in more than one.</summary>
    public required int Hours { get; init; }

    public required int Count { get; init; }

    /// <summary>The median of comparable hours.</summary>
    public required double Usual { get; init; }

    /// <summary>How many robust standard deviations the count is from it.</summary>
    public required double Deviations { get; init; }

    /// <summary>Comparable hours.</summary>
    public required int Samples { get; init; }

    /// <summary>What it was compared with, in words.</summary>
    public required string Baseline { get; init; }

    /// <summary>What a number that is stored stands for.</summary>
    public static string BaselineOf(short kind) => kind == 2 ? "same hour of the week" : "same hour of the day";

    /// <summary>"48 posts in an hour instead of 12 (same hour of the week, 6 samples)".</summary>
    public string Reason => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count} {(Count == 1 ? Measure.TrimEnd('s') : Measure)} in {(Hours == 1 ? "an hour" : $"{Hours} hours")} instead of {Usual:0.#} ({Baseline}, {Samples} samples)");
}

/// <summary>Most subreddits fell silent in the same hour.</summary>
public sealed record SilenceView(int Silent, int Judged, string Reason);
