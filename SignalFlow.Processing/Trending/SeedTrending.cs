using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Trending;

/// <summary>
/// The original system's trending rule, kept exactly for compatibility: fast growth, strong sentiment and much discussion add up.
/// On recorded Reddit data it never fires (docs/architecture.md), which is why it is not the only signal. Thresholds that change in the
/// configuration count from the next post on; a change that is not valid is refused, and the last valid ones stay.
/// </summary>
internal sealed partial class SeedTrending : IDisposable
{
    private readonly IDisposable? _reloads;
    private volatile TrendingOptions _options;

    public SeedTrending(IOptionsMonitor<TrendingOptions> options, ILogger<SeedTrending> logger)
    {
        _options = options.CurrentValue;
        _reloads = options.OnChange(changed =>
        {
            _options = changed;
            LogChanged(logger, changed.VelocityHigh, changed.VelocityLow, changed.SentimentMin, changed.CommentMin, changed.Cutoff);
        });
    }

    /// <summary>What the next post is rated by.</summary>
    public TrendingOptions Limits => _options;

    /// <param name="scoreVelocity">Points per second.</param>
    /// <param name="sentiment">Compound score, -1 to 1.</param>
    /// <param name="comments">Number of comments.</param>
    /// <returns>The score, 0 to 0.8, and whether it reaches the cut-off.</returns>
    public (double Score, bool IsTrending) Rate(double scoreVelocity, double sentiment, int comments)
    {
        // Read once: a post is rated by one set of thresholds.
        var limits = _options;
        // Counted in tenths: 0.2 + 0.2 + 0.1 in binary would miss a cut-off of 0.5.
        var tenths = 0;
        if (scoreVelocity > limits.VelocityHigh)
            tenths += 4;
        else if (scoreVelocity > limits.VelocityLow)
            tenths += 2;
        if (Math.Abs(sentiment) > limits.SentimentMin)
            tenths += 2;
        if (comments > limits.CommentMin)
            tenths += 2;
        var score = tenths / 10.0;
        return (score, score >= limits.Cutoff);
    }

    public void Dispose() => _reloads?.Dispose();

    [LoggerMessage(
        LogLevel.Information,
        "Trending thresholds are now: velocity {High} and {Low}, sentiment {Sentiment}, comments {Comments}, cut-off {Cutoff}")]
    private static partial void LogChanged(ILogger logger, double high, double low, double sentiment, int comments, double cutoff);
}
