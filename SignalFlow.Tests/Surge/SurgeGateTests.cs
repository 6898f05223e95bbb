using SignalFlow.Benchmarks.Evaluate;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

/// <summary>The signal is worth what docs/evaluation.md says of it, or a little less: a change that costs more than that is noticed.</summary>
public sealed class SurgeGateTests
{
    [Fact]
    public void A_stationary_stream_raises_at_most_one_alert_a_subreddit_and_day()
    {
        var series = SimulatedSeries.Stationary(days: 0.5);
        var folded = FoldedSeries.Run(series, SeriesBaselines.Build(series), SurgeRules.Default);

        var alerts = series.Posts.Count(post => folded.Alert(post) >= 0);

        Assert.True(series.Posts.Length > 1000);
        Assert.InRange(alerts, 0, series.Posts.Select(post => post.Subreddit).Distinct().Count() / 2);
    }

    [Fact]
    public async Task On_recorded_memes_half_of_the_alerts_are_right_and_most_come_before_half_of_the_peak()
    {
        var series = await RecordedAsync("memes_10min_2021");
        var evaluated = new EvaluatedSeries(series);
        var at30 = evaluated.At(30, evaluated.Labels.IsTopTenth);
        bool[] positives = [.. at30.Posts.Select(post => post.IsPositive)];
        double Precision(string name) =>
            new Ranking(at30.Values(evaluated.Competitors.Single(one => one.Name == name).Values), positives).AveragePrecision();
        var online = OnlineTest.Run([.. series.HeldOut], evaluated.Labels.IsTopTenth, evaluated.Folded.Alert);

        Assert.True(Precision(EvaluatedSeries.Surge) >= 0.8, $"average precision {Precision(EvaluatedSeries.Surge)}");
        Assert.True(Precision(EvaluatedSeries.Surge) > Precision(Competitors.RawVelocity));
        Assert.True(online.Precision >= 0.6, $"precision {online.Precision}");
        Assert.True(online.RecallBeforeHalf >= 0.85, $"recall before half of the peak {online.RecallBeforeHalf}");
    }

    [Fact]
    public async Task Among_recorded_communities_of_different_size_the_signal_ranks_better_than_score_or_velocity()
    {
        var evaluated = new EvaluatedSeries(await RecordedAsync("daily2020"));
        var at120 = evaluated.At(120, evaluated.Labels.IsTopTenth);
        bool[] positives = [.. at120.Posts.Select(post => post.IsPositive)];
        var precision = evaluated.Competitors.ToDictionary(
            one => one.Name, one => new Ranking(at120.Values(one.Values), positives).AveragePrecision());

        Assert.True(precision[EvaluatedSeries.Surge] >= 1.2 * precision[Competitors.RawScore]);
        Assert.True(precision[EvaluatedSeries.Surge] >= 2 * precision[Competitors.RawVelocity]);
        Assert.True(precision[EvaluatedSeries.Surge] >= 2 * precision[Competitors.Seed]);
    }

    [Fact]
    public void Batches_replicas_and_replays_end_in_the_same_states()
    {
        var series = SimulatedSeries.Simulated(days: 0.05);
        var baselines = SeriesBaselines.Build(series);

        Assert.Equal(ReplayTest.Run(series, baselines), ReplayTest.Run(series, baselines));
    }

    private static async Task<PostSeries> RecordedAsync(string name)
    {
        var folder = SharedData.Path("posts");
        Assert.SkipWhen(folder is null, "../shared/data/posts is not here");
        return await RecordedSeries.LoadAsync(folder!, name, TestContext.Current.CancellationToken);
    }
}
