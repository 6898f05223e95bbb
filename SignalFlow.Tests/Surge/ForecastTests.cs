using CsCheck;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class ForecastTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(28)]
    [InlineData(90)]
    public void A_post_that_grows_as_others_do_is_foreseen(int final)
    {
        foreach (var age in (double[])[60, 120, 240, 480])
        {
            var forecast = Community.Fold([Community.At(age, Community.Expected(final, age))]).Signal.Forecast!.Value;

            Assert.InRange(forecast.Median, final * 0.8, final * 1.25);
        }
    }

    [Fact]
    public void The_interval_holds_the_median_and_is_never_negative() =>
        Gen.Select(Gen.Double[5, 1700], Gen.Int[-50, 100_000]).Sample((age, score) =>
        {
            var forecast = Community.Fold([Community.At(age, score)]).Signal.Forecast!.Value;
            return 0 <= forecast.Low && forecast.Low <= forecast.Median && forecast.Median <= forecast.High;
        });

    [Fact]
    public void Eight_in_ten_of_the_posts_it_was_made_of_end_within_the_interval()
    {
        var random = new Random(3);
        var posts = Enumerable.Range(0, 400).Select(_ => (At60: random.Next(5, 60), Final: 0)).ToArray();
        var builder = new BaselineBuilder();
        for (var i = 0; i < posts.Length; i++)
        {
            posts[i].Final = (int)(posts[i].At60 * Math.Exp(1.5 * random.NextDouble()));
            builder.Add(Community.Name, Community.Created, [Community.At(60, posts[i].At60)], posts[i].Final);
        }

        var baseline = builder.Build().Of(Community.Name);
        var covered = posts.Count(post =>
            Community.Fold([Community.At(60, post.At60)], baseline).Signal.Forecast is { } forecast
            && forecast.Low <= post.Final && post.Final <= forecast.High);

        Assert.InRange(covered / 400.0, 0.72, 0.88);
    }

    [Fact]
    public void The_chance_of_the_top_tenth_rises_with_the_score_and_is_even_at_the_bar()
    {
        var baseline = Community.Table().Of(Community.Name);
        double Chance(int score) => Community.Fold([Community.At(1440, score)], baseline).Signal.Chance;

        Assert.True(Chance(20) < 0.01);
        Assert.InRange(Chance((int)Math.Round(baseline.P90)), 0.35, 0.65);
        Assert.True(Chance(1000) > 0.99);
    }

    [Fact]
    public void The_forecast_does_not_jump_where_level_classes_meet()
    {
        var baseline = Community.Table().Of(Community.Name);
        var before = 0.0;
        for (var score = 1; score < 300; score++)
        {
            var median = Community.Fold([Community.At(60, score)], baseline).Signal.Forecast!.Value.Median;
            Assert.True(median > before, $"{score} points foresee {median}, one less {before}");
            Assert.True(score < 10 || median < before * 1.25, $"{score} points foresee {median}, one less {before}");
            before = median;
        }
    }
}
