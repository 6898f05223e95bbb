using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>A series with everything that is measured on it: its baselines, its labels, and the signals that compete.</summary>
internal sealed class EvaluatedSeries
{
    public const string Surge = "surge";

    private const string WithoutNormalisation = "surge without normalisation";

    public EvaluatedSeries(PostSeries series)
    {
        Series = series;
        Labels = new(series);
        Baselines = SeriesBaselines.Build(series);
        Folded = FoldedSeries.Run(series, Baselines, SurgeRules.Default);
        Competitors = [.. Evaluate.Competitors.Simple, Of(Surge, Folded), .. Ablations()];
    }

    public PostSeries Series { get; }

    public Labels Labels { get; }

    public BaselineHistory Baselines { get; }

    /// <summary>Through our fold, by the product's rules.</summary>
    public FoldedSeries Folded { get; }

    public IReadOnlyList<Competitor> Competitors { get; }

    public AgeSample At(double minutes, Func<SeriesPost, bool?> label) => AgeSample.Of(Series.HeldOut, minutes, label);

    private IEnumerable<Competitor> Ablations()
    {
        var rules = SurgeRules.Default;
        yield return Of("surge without level", FoldedSeries.Run(Series, Baselines, rules with { LevelWeight = 0 }));
        yield return Of("surge without forecast", FoldedSeries.Run(Series, Baselines, rules with { ForecastWeight = 0 }));
        yield return Of("surge without burst", FoldedSeries.Run(Series, Baselines, rules with { BurstWeight = 0 }));
        yield return Of("surge without discussion", FoldedSeries.Run(Series, Baselines, rules with { DiscussionWeight = 0 }));
        yield return Of(WithoutNormalisation, FoldedSeries.Run(Series, SeriesBaselines.Build(Series, perCommunity: false), rules));
    }

    private static Competitor Of(string name, FoldedSeries folded) => new(name, folded.Surge);
}
