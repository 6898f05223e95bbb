using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>How far forecasts of the final score were off, on held-out posts.</summary>
/// <param name="Error">Median of |forecast - final| / max(1, final).</param>
/// <param name="ErrorOfTop">The same of the posts that end in the top tenth of their community.</param>
/// <param name="ErrorOfStanding">The same if the score stayed as it is: what forecasting has to beat.</param>
/// <param name="Coverage">Share of the posts that end within the 80 % interval.</param>
internal sealed record ForecastResult(double Minutes, int Posts, Estimate Error, double ErrorOfTop, double ErrorOfStanding, double Coverage);

internal static class ForecastTest
{
    public static ForecastResult? Run(EvaluatedSeries series, double minutes)
    {
        var errors = new List<(double Forecast, double Standing, bool IsTop, bool IsCovered)>();
        foreach (var post in series.Series.HeldOut.Where(series.Series.IsComplete))
        {
            // A forecast of what has been seen already is none.
            if (AgeSample.Nearest(post, minutes) is not (>= 0 and var index) || index >= post.FinalIndex)
                continue;
            if (Forecast(series, post, index) is not { } forecast)
                continue;
            var unit = Math.Max(1, Math.Abs(post.Final));
            errors.Add((
                Math.Abs(forecast.Median - post.Final) / unit,
                Math.Abs(post.Observations[index].Score - post.Final) / (double)unit,
                series.Labels.IsTopTenth(post) == true,
                // Scores are whole points: 12.4 to 15.6 holds 12 and 16.
                Math.Round(forecast.Low) <= post.Final && post.Final <= Math.Round(forecast.High)));
        }

        if (errors.Count == 0)
            return null;
        var sorted = errors.Select(error => error.Forecast).ToArray();
        var (low, high) = Bootstrap.Interval(errors.Count, counts => Median(sorted.SelectMany((error, i) => Enumerable.Repeat(error, counts[i]))));
        return new(
            minutes,
            errors.Count,
            new(Median(sorted), low, high),
            Median(errors.Where(error => error.IsTop).Select(error => error.Forecast)),
            Median(errors.Select(error => error.Standing)),
            errors.Count(error => error.IsCovered) / (double)errors.Count);
    }

    private static Forecast? Forecast(EvaluatedSeries series, SeriesPost post, int index)
    {
        SurgeStep step = default;
        for (var i = 0; i <= index; i++)
            step = FoldedSeries.Step(step.State, post, i, series.Baselines, SurgeRules.Default);
        return step.Signal.Forecast;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : BaselineBuilder.Quantile(sorted, 0.5);
    }
}
