using System.Globalization;

namespace SignalFlow.Processing.Shifts;

/// <summary>A post's sentiment, as stored.</summary>
/// <param name="Sentiment">-1 to 1.</param>
internal readonly record struct PostSentiment(string PostId, double Sentiment);

/// <summary>What a post did to the mean of its bucket.</summary>
/// <param name="Contribution">
/// Its distance from the usual mean, divided by the number of posts; those of all posts add up to the difference of the means.
/// </param>
internal readonly record struct SentimentMover(string PostId, double Sentiment, double Contribution);

/// <summary>How the mean sentiment of a subreddit or topic in a bucket differs from that of the seven days before.</summary>
/// <param name="Count">Posts of the bucket.</param>
/// <param name="Mean">-1 to 1.</param>
/// <param name="Usual">The mean of the seven days.</param>
/// <param name="Statistic">Welch's t; 0 where there is too little to tell.</param>
/// <param name="PValue">Two-sided; 1 where there is too little to tell.</param>
/// <param name="IsShifted">As <see cref="SentimentShifts"/> decides.</param>
/// <param name="Movers">The posts that moved the mean most in its direction, the first the most; none where it has not shifted.</param>
internal sealed record SentimentShift(
    string Key, int Count, double Mean, double Usual, double Statistic, double PValue, bool IsShifted, IReadOnlyList<SentimentMover> Movers)
{
    /// <summary>"golang: sentiment -0.31 instead of 0.12 (24 posts, t -4.2)".</summary>
    public string Reason => string.Create(
        CultureInfo.InvariantCulture,
        $"{Key}: sentiment {Mean:0.00} instead of {Usual:0.00} ({Count} posts, t {Statistic:0.0})");
}
