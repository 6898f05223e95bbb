namespace SignalFlow.Processing.Surge;

/// <summary>What an observation says of a post, against the baseline.</summary>
/// <param name="AgeMinutes">Age at the observation.</param>
/// <param name="Score">Points.</param>
/// <param name="Level">Robust z of ln(1 + score) against the community's posts at this age.</param>
/// <param name="Discussion">The same of ln(1 + comments).</param>
/// <param name="Burst">
/// Gain over the window against the typical one, on the scale of a normal deviate: 2 (sqrt(gain + 3/8) - sqrt(expected + 3/8)), Anscombe's
/// transformation of Poisson counts; 0 where there is no window.
/// </param>
/// <param name="Surge">What ranks posts: a weighted sum, see <see cref="SurgeRules"/>.</param>
/// <param name="TimesTypical">(1 + score) / (1 + typical score).</param>
/// <param name="Gain">Points gained over the window.</param>
/// <param name="WindowMinutes">Length of the window; 0 where there is none.</param>
/// <param name="Forecast">Score at a day of age; null where no post has been followed so long.</param>
/// <param name="Chance">Probability that it ends in the top tenth of its community; NaN where that is not known.</param>
/// <param name="OutlierChance">Probability that it ends beyond <see cref="CommunityBaseline.Outlier"/>, where ordinary posts do not.</param>
/// <param name="Posts">The community's own posts behind the baseline.</param>
/// <param name="IsControversial">More than half of the votes are against it, so it cannot trend.</param>
internal readonly record struct SurgeSignal(
    double AgeMinutes,
    int Score,
    double Level,
    double Discussion,
    double Burst,
    double Surge,
    double TimesTypical,
    int Gain,
    double WindowMinutes,
    Forecast? Forecast,
    double Chance,
    double OutlierChance,
    int Posts,
    bool IsControversial)
{
    /// <summary>Nothing to compare with.</summary>
    public static SurgeSignal None(double ageMinutes, int score) =>
        new(ageMinutes, score, 0, 0, 0, 0, 1, 0, 0, null, double.NaN, double.NaN, 0, false);

    /// <summary>The surge on a scale of 0 to 100, by the normal distribution: 50 at 0, 84 at 1, 98 at 2.</summary>
    public int Percent => (int)Math.Round(100 * NormalDistribution.Cumulative(Surge));

    /// <summary>Points per minute over the window; null where there is none.</summary>
    public double? Velocity => WindowMinutes > 0 ? Gain / WindowMinutes : null;

    public bool IsLearning => Posts < BaselineTable.LearnedPosts;
}

/// <summary>A score at 24 hours of age, in points, with its 80 % interval.</summary>
internal readonly record struct Forecast(double Low, double Median, double High);
