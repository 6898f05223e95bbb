namespace SignalFlow.Processing.Sentiment;

/// <summary>The label stored and published with a compound score, cut at ±0.05 as the authors of VADER recommend.</summary>
internal static class SentimentLabel
{
    public const string Positive = "positive";
    public const string Neutral = "neutral";
    public const string Negative = "negative";

    private const double Threshold = 0.05;

    public static string Of(double compound) => compound switch
    {
        >= Threshold => Positive,
        <= -Threshold => Negative,
        _ => Neutral,
    };
}
