namespace SignalFlow.Processing.Surge;

/// <summary>What is typical for the posts of a community at one age.</summary>
/// <param name="Score">Median of ln(1 + score).</param>
/// <param name="ScoreMad">Its median absolute deviation.</param>
/// <param name="Comments">Median of ln(1 + comments).</param>
/// <param name="CommentsMad">Its median absolute deviation.</param>
/// <param name="Gain">Median gain, points per minute.</param>
internal readonly record struct Expectation(double Score, double ScoreMad, double Comments, double CommentsMad, double Gain)
{
    public static Expectation Between(in Expectation a, in Expectation b, double share) => new(
        Mix(a.Score, b.Score, share),
        Mix(a.ScoreMad, b.ScoreMad, share),
        Mix(a.Comments, b.Comments, share),
        Mix(a.CommentsMad, b.CommentsMad, share),
        Mix(a.Gain, b.Gain, share));

    private static double Mix(double a, double b, double share) => a + (b - a) * share;
}

/// <summary>How ln(1 + score) still grows until a day of age: 10 %, 50 % and 90 % quantile.</summary>
internal readonly record struct GrowthRange(double Low, double Median, double High)
{
    public static GrowthRange Between(in GrowthRange a, in GrowthRange b, double share) =>
        new(a.Low + (b.Low - a.Low) * share, a.Median + (b.Median - a.Median) * share, a.High + (b.High - a.High) * share);
}
