using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Trending;

/// <summary>
/// The original system's trending rule, kept exactly for compatibility: fast growth, strong sentiment and much discussion add up.
/// On recorded Reddit data it never fires (docs/architecture.md), which is why it is not the only signal.
/// </summary>
internal sealed class SeedTrending(IOptions<TrendingOptions> options)
{
    private readonly TrendingOptions _options = options.Value;

    /// <param name="scoreVelocity">Points per second.</param>
    /// <param name="sentiment">Compound score, -1 to 1.</param>
    /// <param name="comments">Number of comments.</param>
    /// <returns>The score, 0 to 0.8, and whether it reaches the cut-off.</returns>
    public (double Score, bool IsTrending) Rate(double scoreVelocity, double sentiment, int comments)
    {
        // Counted in tenths: 0.2 + 0.2 + 0.1 in binary would miss a cut-off of 0.5.
        var tenths = 0;
        if (scoreVelocity > _options.VelocityHigh)
            tenths += 4;
        else if (scoreVelocity > _options.VelocityLow)
            tenths += 2;
        if (Math.Abs(sentiment) > _options.SentimentMin)
            tenths += 2;
        if (comments > _options.CommentMin)
            tenths += 2;
        var score = tenths / 10.0;
        return (score, score >= _options.Cutoff);
    }
}
