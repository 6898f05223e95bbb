namespace SignalFlow.Processing.Shifts;

/// <summary>Number, sum and sum of squares of the sentiments of some posts, each -1 to 1; what a table stores of an hour, and what hours add up to.</summary>
internal readonly record struct SentimentSummary(long Count, double Sum, double SumOfSquares)
{
    public double Mean => Count == 0 ? 0 : Sum / Count;

    /// <summary>Of the population the posts are a sample of; 0 below two posts.</summary>
    public double Variance => Count < 2 ? 0 : Math.Max(0, (SumOfSquares - (Sum * Sum / Count)) / (Count - 1));

    public static SentimentSummary operator +(SentimentSummary a, SentimentSummary b) =>
        new(a.Count + b.Count, a.Sum + b.Sum, a.SumOfSquares + b.SumOfSquares);

    public static SentimentSummary Of(IEnumerable<double> sentiments)
    {
        var (count, sum, squares) = (0L, 0.0, 0.0);
        foreach (var sentiment in sentiments)
            (count, sum, squares) = (count + 1, sum + sentiment, squares + (sentiment * sentiment));
        return new SentimentSummary(count, sum, squares);
    }
}
