using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>The tables of a series, for people, and the same figures for the JSON line.</summary>
internal static class EvaluateReport
{
    private static readonly double[] ForecastAges = [20, 30, 60, 120, 180, 240];

    public static object Write(EvaluatedSeries series)
    {
        var posts = series.Series.HeldOut.ToList();
        var known = posts.Where(post => series.Labels.IsTopTenth(post) is not null).ToList();
        var subreddits = series.Series.Posts.Select(post => post.Subreddit).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        Console.WriteLine();
        Console.WriteLine($"== {series.Series.Name}");
        Console.WriteLine(
            $"{series.Series.Posts.Length} posts of {subreddits} communities, {posts.Count} reported on, end known of {known.Count}; "
            + $"cuts every {SurgeWindow.Minutes(series.Series.CutPeriod):F0} min");
        var at30 = RankingTest.Run([series], 30, labels => labels.IsTopTenth);
        var at120 = RankingTest.Run([series], 120, labels => labels.IsTopTenth);
        WriteRanking("A: ends in the top tenth of its community", at30, at120);
        WriteRanking(
            "B: ends with 500 points or more",
            RankingTest.Run([series], 30, labels => labels.HasManyPoints),
            RankingTest.Run([series], 120, labels => labels.HasManyPoints));
        var days = SurgeWindow.Minutes(posts[^1].CreatedAt - posts[0].CreatedAt) / 1440 * subreddits;
        var online = WriteOnline(series, posts, days);
        var forecasts = WriteForecasts(series);
        var hash = ReplayTest.Run(series.Series, series.Baselines);
        Console.WriteLine($"states and alerts are the same in five ways of folding: {hash}");
        return new
        {
            n = known.Count,
            positives = known.Count(post => series.Labels.IsTopTenth(post) == true),
            n30 = at30.Posts,
            positives30 = at30.Positives,
            ap30 = Json(at30.Precision),
            n120 = at120.Posts,
            positives120 = at120.Positives,
            ap120 = Json(at120.Precision),
            gain30 = Json(at30.Gains),
            gain120 = Json(at120.Gains),
            online = Json(online.Emerging, days),
            online_trending = Json(online.Trending, days),
            online_others = online.Others.ToDictionary(other => other.Key, other => Json(other.Value, days)),
            forecast = forecasts.ToDictionary(forecast => $"{forecast.Minutes}", Json),
            hash,
        };
    }

    public static object WritePooled(IReadOnlyList<EvaluatedSeries> series)
    {
        Console.WriteLine();
        Console.WriteLine("== all recorded series ranked together, each with its own baselines");
        var at30 = RankingTest.Run(series, 30, labels => labels.IsTopTenth);
        var at120 = RankingTest.Run(series, 120, labels => labels.IsTopTenth);
        WriteRanking("A: ends in the top tenth of its community", at30, at120);
        return new
        {
            n30 = at30.Posts,
            positives30 = at30.Positives,
            ap30 = Json(at30.Precision),
            n120 = at120.Posts,
            positives120 = at120.Positives,
            ap120 = Json(at120.Precision),
            gain30 = Json(at30.Gains),
            gain120 = Json(at120.Gains),
        };
    }

    public static object Json(FoldCost cost) => new
    {
        ns_per_observation = Math.Round(cost.Nanoseconds, 1),
        bytes_per_observation = Math.Round(cost.Allocated, 2),
        state_bytes = cost.StateBytes,
        stored_bytes = cost.StoredBytes,
    };

    private static void WriteRanking(string label, params RankingResult[] results)
    {
        Console.WriteLine();
        Console.WriteLine($"Average precision, {label} (95 % interval; surge as a multiple)");
        foreach (var result in results)
        {
            Console.WriteLine($"  at {result.Minutes} min: n {result.Posts}, positives {result.Positives}");
            if (result.Positives < RankingTest.LeastPositives)
                continue;
            foreach (var (name, precision) in result.Precision)
            {
                var gain = result.Gains.TryGetValue(name, out var estimate) ? $"   x {estimate.Value:F2} ({estimate.Low:F2}-{estimate.High:F2})" : "";
                Console.WriteLine($"    {name,-28} {precision.Value:F3} ({precision.Low:F3}-{precision.High:F3}){gain}");
            }
        }
    }

    private static (OnlineResult Emerging, OnlineResult Trending, Dictionary<string, OnlineResult> Others) WriteOnline(
        EvaluatedSeries series, List<SeriesPost> posts, double days)
    {
        Console.WriteLine();
        Console.WriteLine("Online alerts");
        Func<SeriesPost, bool?> topTenth = series.Labels.IsTopTenth;
        var emerging = OnlineTest.Run(posts, topTenth, series.Folded.Alert);
        var trending = OnlineTest.Run(posts, series.Labels.HasManyPoints, series.Folded.Trend);
        WriteOnline("A: surge, Emerging", emerging, days);
        var others = new Dictionary<string, OnlineResult>();
        foreach (var competitor in Competitors.Simple)
        {
            var (result, threshold) = OnlineTest.Best(posts, topTenth, competitor.Values);
            others.Add(competitor.Name, result);
            WriteOnline($"A: {competitor.Name} >= {threshold:G3}, best in hindsight", result, days);
        }

        WriteOnline("A: surge, Trending", OnlineTest.Run(posts, topTenth, series.Folded.Trend), days);
        WriteOnline("B: surge, Trending", trending, days);
        foreach (var competitor in Competitors.Simple)
        {
            var (result, threshold) = OnlineTest.Best(posts, series.Labels.HasManyPoints, competitor.Values);
            WriteOnline($"B: {competitor.Name} >= {threshold:G3}, best in hindsight", result, days);
        }

        return (emerging, trending, others);
    }

    private static void WriteOnline(string name, OnlineResult result, double days)
    {
        var (low, high) = OnlineTest.Interval(result.Hits, result.Alerts);
        var (earlyLow, earlyHigh) = OnlineTest.Interval(result.Early, result.Events);
        Console.WriteLine(
            $"  {name,-52} events {result.Events} of {result.Posts} (catchable {result.Catchable}), alerts {result.Alerts}, "
            + $"precision {result.Precision:F2} ({low:F2}-{high:F2}), recall {result.Recall:F2}, "
            + $"before half {result.RecallBeforeHalf:F2} ({earlyLow:F2}-{earlyHigh:F2}), lead {result.MedianLead:F0} min, "
            + $"a subreddit and day {result.Alerts / days:F2}, of them false {result.False / days:F2}");
    }

    private static List<ForecastResult> WriteForecasts(EvaluatedSeries series)
    {
        var forecasts = ForecastAges.Select(age => ForecastTest.Run(series, age)).OfType<ForecastResult>().ToList();
        Console.WriteLine();
        Console.WriteLine(
            "Forecast of the final score: median relative error (95 % interval), of the top tenth, if the score stayed; 80 % interval's coverage");
        foreach (var forecast in forecasts)
        {
            Console.WriteLine(
                $"  at {forecast.Minutes} min: n {forecast.Posts}, {forecast.Error.Value:P0} ({forecast.Error.Low:P0}-{forecast.Error.High:P0}), "
                + $"{forecast.ErrorOfTop:P0}, {forecast.ErrorOfStanding:P0}; {forecast.Coverage:P0}");
        }

        return forecasts;
    }

    private static Dictionary<string, object?> Json(IReadOnlyDictionary<string, Estimate> estimates) => estimates.ToDictionary(
        pair => pair.Key,
        pair => (object?)(double.IsFinite(pair.Value.Value) ? Round(pair.Value.Value) : null));

    private static object Json(OnlineResult result, double days) => new
    {
        events = result.Events,
        alerts = result.Alerts,
        precision = Round(result.Precision),
        recall = Round(result.Recall),
        recall_before_half = Round(result.RecallBeforeHalf),
        median_lead_min = Round(result.MedianLead),
        alerts_per_subreddit_day = Round(result.Alerts / days),
        false_alerts_per_subreddit_day = Round(result.False / days),
    };

    private static object Json(ForecastResult forecast) => new
    {
        n = forecast.Posts,
        median_relative_error = Round(forecast.Error.Value),
        coverage_80 = Round(forecast.Coverage),
    };

    private static double? Round(double value) => double.IsFinite(value) ? Math.Round(value, 4) : null;
}
