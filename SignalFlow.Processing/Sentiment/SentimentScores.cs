namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// How a text reads: the shares of negative, neutral and positive words, 0 to 1 with three decimals (all 0 for a text without words),
/// and <see cref="Compound"/>, the overall polarity, -1 to 1 with four decimals.
/// </summary>
internal readonly record struct SentimentScores(double Negative, double Neutral, double Positive, double Compound)
{
    public string Label => SentimentLabel.Of(Compound);
}
