using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

public sealed class TermDetectorTests
{
    private static readonly double[] Dispersion = [0.1, 0.1, 0.1];
    private static readonly TermBaseline Baseline = History(200).BaselineOf(TermPosts.Monday.AddHours(200));

    [Theory]
    [InlineData(9, 9, 3, true)]
    [InlineData(4, 9, 3, false)]
    [InlineData(6, 2, 3, false)]
    [InlineData(5, 9, 1, false)]
    [InlineData(30, 30, 1, true)]
    public void A_burst_has_five_authors_three_posts_and_two_subreddits_unless_it_is_beyond_doubt(int authors, int posts, int subreddits, bool expected)
    {
        var found = TermDetector.Find(Counts(new TermCount("volcano", 1, authors, posts, subreddits)), Baseline, Dispersion);

        Assert.Equal(expected, found.Count == 1);
    }

    [Fact]
    public void What_is_usual_is_no_burst() =>
        Assert.Empty(TermDetector.Find(Counts(new TermCount("rust", 1, 35, 35, 9)), Baseline, Dispersion));

    [Fact]
    public void Nothing_is_found_before_there_is_a_baseline()
    {
        var baseline = History(3).BaselineOf(TermPosts.Monday.AddHours(3));

        Assert.Empty(TermDetector.Find(Counts(new TermCount("volcano", 1, 90, 90, 9)), baseline, Dispersion));
    }

    [Fact]
    public void A_word_is_left_to_the_phrase_that_brings_it()
    {
        var found = TermDetector.Find(
            Counts(new TermCount("webb", 1, 12, 12, 5), new TermCount("space telescope", 2, 11, 11, 5), new TermCount("telescope", 1, 12, 12, 5)),
            Baseline,
            Dispersion);

        Assert.Equal(["webb", "space telescope"], found.Select(burst => burst.Term));
    }

    [Fact]
    public void The_reason_says_what_was_expected_and_from_what()
    {
        var burst = Assert.Single(TermDetector.Find(Counts(new TermCount("volcano", 1, 14, 15, 9)), Baseline, Dispersion));

        Assert.Equal("volcano: 14 authors in 15 min instead of 0.05, in 9 subreddits (same hour of the week)", burst.Reason);
        Assert.Equal(
            "volcano: 14 authors in 15 min instead of 0.05, in 1 subreddit (same hour of the day, less than a week of history)",
            (burst with { Baseline = TermBaselineKind.HourOfDay, Subreddits = 1 }).Reason);
    }

    [Fact]
    public void A_rank_fades_by_half_every_four_hours_and_ends_after_two_days()
    {
        var old = new TermBurst(TermPosts.Monday, "old", 20, 20, 5, 1, 1e-9, TermBaselineKind.HourOfWeek);
        var young = old with { Term = "young", Bucket = TermPosts.Monday.AddHours(8), Authors = 12 };
        var again = old with { Bucket = TermPosts.Monday.AddHours(8), Authors = 5 };

        var ranked = TermRanking.At(TermPosts.Monday.AddHours(8), [again, young, old]);

        Assert.Equal(["young", "old"], ranked.Select(term => term.Term));
        Assert.Equal([121, 361 / 4.0], ranked.Select(term => Math.Round(term.Score, 6)));
        Assert.Equal(TermPosts.Monday, ranked[1].Since);
        Assert.Empty(TermRanking.At(TermPosts.Monday.AddDays(3), [old, young, again]));
    }

    [Fact]
    public void Dispersion_is_that_of_the_counts_without_what_bursts()
    {
        var dispersion = new TermDispersion();
        var history = History(200);
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            // Poisson's with a mean that is itself 0 or twice as large: a dispersion of 1.
            var authors = random.Next(2) == 0 ? 0 : Poisson(random, 60);
            var counts = new TermCounts(TermPosts.Monday.AddHours(200), 600, [new("rust", 1, i == 7 ? 5_000 : authors, 9, 3)]);
            foreach (var scatter in TermDispersion.Measure(counts, history.BaselineOf(counts.Bucket), Dispersion.Select(_ => 1.0).ToArray()))
                dispersion.Add(scatter);
        }

        Assert.InRange(dispersion.Fit()[0], 0.8, 1.2);
        Assert.InRange(new TermDispersion().Fit()[0], 0.09, 0.11);
    }

    [Fact]
    public void Counts_that_scatter_as_Poisson_s_have_no_dispersion()
    {
        var dispersion = new TermDispersion();
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            var counts = new TermCounts(TermPosts.Monday.AddHours(200), 60, [new("rust", 1, Poisson(random, 3), 9, 3)]);
            foreach (var scatter in TermDispersion.Measure(counts, Baseline, Dispersion))
                dispersion.Add(scatter);
        }

        Assert.InRange(dispersion.Fit()[0], 0.02, 0.08);
    }

    private static int Poisson(Random random, double mean)
    {
        var (count, sum) = (0, -Math.Log(1 - random.NextDouble()));
        for (; sum < mean; count++)
            sum -= Math.Log(1 - random.NextDouble());
        return count;
    }

    private static TermCounts Counts(params TermCount[] terms) => new(
        TermPosts.Monday.AddHours(200),
        600,
        [.. terms, .. Enumerable.Range(0, 3_000).Select(i => new TermCount($"other{i}", 1, 1, 1, 1))]);

    private static TermHistory History(int hours)
    {
        var history = new TermHistory();
        for (var i = 0; i < hours; i++)
            history.Add(new TermHour(TermPosts.Monday.AddHours(i), 2_400, [new("rust", 120, 120, 9)]));
        return history;
    }
}
