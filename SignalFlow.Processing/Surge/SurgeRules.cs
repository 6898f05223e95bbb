namespace SignalFlow.Processing.Surge;

/// <summary>
/// Weights and thresholds of the signal. Constants of the product, not configuration: docs/evaluation.md says on which data they were chosen,
/// and a stored state means nothing under others. The evaluation also runs with parts taken out.
/// </summary>
internal sealed record SurgeRules
{
    public static SurgeRules Default { get; } = new();

    /// <summary>Weight of <see cref="SurgeSignal.Level"/>.</summary>
    public double LevelWeight { get; init; } = 0.5;

    /// <summary>Weight of <see cref="SurgeSignal.Burst"/>, which counts from -<see cref="MostBurst"/> to <see cref="MostBurst"/>.</summary>
    public double BurstWeight { get; init; } = 0.1;

    public double MostBurst { get; init; } = 4;

    /// <summary>
    /// Weight of <see cref="SurgeSignal.Discussion"/> where all scores are equal, because the community is small, the posts are young or their scores
    /// are hidden; the more scores spread, the less comments add to what they say.
    /// </summary>
    public double DiscussionWeight { get; init; } = 0.4;

    /// <summary>Weight of the distance between the forecast and the community's top tenth, in standard deviations of the forecast.</summary>
    public double ForecastWeight { get; init; } = 0.5;

    /// <summary>Chance of the top tenth from which an observation counts towards emerging.</summary>
    public double EmergeChance { get; init; } = 0.3;

    /// <summary>Level from which an observation counts towards emerging.</summary>
    public double EmergeLevel { get; init; } = 0.5;

    /// <summary>
    /// Times the typical score from which an observation counts towards emerging: where all posts do alike, the best of them is nothing special.
    /// </summary>
    public double EmergeTimes { get; init; } = 1.5;

    /// <summary>
    /// Times the community's typical final score that the forecast has to be to count towards emerging; without a forecast, times the typical score.
    /// </summary>
    public double EmergeFinalTimes { get; init; } = 2;

    /// <summary>Level from which an observation counts towards emerging while there is no forecast.</summary>
    public double EmergeLevelUnforeseen { get; init; } = 1;

    /// <summary>Burst from which an observation counts towards emerging while there is no forecast.</summary>
    public double EmergeBurstUnforeseen { get; init; } = 1;

    /// <summary>Level from which an observation counts towards trending while there is no forecast.</summary>
    public double TrendLevelUnforeseen { get; init; } = 3;

    /// <summary>Consecutive observations needed to emerge or to trend.</summary>
    public int ConsecutiveHits { get; init; } = 2;

    /// <summary>Chance from which one observation is enough to emerge.</summary>
    public double CertainChance { get; init; } = 0.6;

    /// <summary>Chance of being an outlier from which an observation counts towards trending.</summary>
    public double TrendChance { get; init; } = 0.5;

    /// <summary>Points that a post needs to emerge; where half of a community's posts end with fewer, so many are enough.</summary>
    public int LeastScore { get; init; } = 20;

    /// <summary>A post below this level that has emerged has faded; lower than what it takes to emerge.</summary>
    public double FadeAt { get; init; } = 0.25;

    /// <summary>Microseconds of slow growth after which a post has peaked.</summary>
    public long QuietTime { get; init; } = 30 * SurgeWindow.Minute;

    /// <summary>Microseconds after which a post that has peaked fades.</summary>
    public long FadeTime { get; init; } = 360 * SurgeWindow.Minute;

    /// <summary>A ratio below cannot emerge.</summary>
    public double LeastRatio { get; init; } = 0.5;
}
