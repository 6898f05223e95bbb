using CsCheck;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

public sealed class TermHistoryTests
{
    private static readonly Gen<List<TermHourCount>> Rows =
        Gen.Select(Gen.Int[0, 12], Gen.Int[2, 40]).List[0, 8].Select(rows => rows
            .DistinctBy(row => row.Item1)
            .Select(row => new TermHourCount($"term{row.Item1}", row.Item2, row.Item2, 1)).ToList());

    [Fact]
    public void Only_the_last_two_weeks_count_and_nothing_of_the_others_is_kept() =>
        Gen.Select(Rows.Array[4, 12], Gen.Int[20, 200]).Sample((hours, step) =>
        {
            var all = hours.Select((rows, i) => new TermHour(TermPosts.Monday.AddHours(i * step), 1_000, rows)).ToList();
            var next = all[^1].Hour.AddHours(1);
            var recent = all.Where(hour => hour.Hour > all[^1].Hour.AddHours(-TermHistory.MaxHours));

            var (whole, fresh) = (Filled(all), Filled(recent));

            Assert.Equal((fresh.TermCount, fresh.RowCount, fresh.Start), (whole.TermCount, whole.RowCount, whole.Start));
            var (a, b) = (whole.BaselineOf(next), fresh.BaselineOf(next));
            Assert.All(Enumerable.Range(0, 13), i => Assert.Equal(b.Of($"term{i}", 600), a.Of($"term{i}", 600)));
        });

    [Theory]
    [InlineData(5, TermBaselineKind.None)]
    [InlineData(6, TermBaselineKind.RecentHours)]
    [InlineData(24, TermBaselineKind.HourOfDay)]
    [InlineData(167, TermBaselineKind.HourOfDay)]
    [InlineData(168, TermBaselineKind.HourOfWeek)]
    internal void The_baseline_grows_with_history(int hours, TermBaselineKind expected)
    {
        var history = Filled(Enumerable.Range(0, hours).Select(i => new TermHour(TermPosts.Monday.AddHours(i), 100, [])));

        Assert.Equal(expected, history.BaselineOf(TermPosts.Monday.AddHours(hours)).Kind);
    }

    [Fact]
    public void More_is_expected_in_the_hour_of_the_week_in_which_a_term_is_usual()
    {
        var history = Filled(Enumerable.Range(0, 336).Select(i => new TermHour(
            TermPosts.Monday.AddHours(i), 10_000, i % 168 == 20 ? [new("football", 400, 400, 5)] : [])));

        Assert.InRange(Expected(history, 336 - 168 + 20 + 168).Authors, 15, 30);
        Assert.InRange(Expected(history, 336 + 50).Authors, 0, 2);
    }

    [Fact]
    public void What_was_usual_yesterday_is_expected_today()
    {
        var history = Filled(Enumerable.Range(0, 336).Select(i => new TermHour(
            TermPosts.Monday.AddHours(i), 10_000, i is > 300 and < 330 ? [new("eclipse", 100, 100, 5)] : [])));

        var expected = history.BaselineOf(TermPosts.Monday.AddHours(336)).Of("eclipse", 600);

        Assert.InRange(expected.Authors, 3, 7);
    }

    [Fact]
    public void Expectations_follow_the_volume_of_the_bucket()
    {
        var history = Filled(Enumerable.Range(0, 336).Select(i => new TermHour(TermPosts.Monday.AddHours(i), 1_000, [new("rust", 50, 50, 3)])));
        var baseline = history.BaselineOf(TermPosts.Monday.AddHours(336));

        Assert.Equal(2 * baseline.Of("rust", 300).Authors, baseline.Of("rust", 600).Authors, 1e-9);
        Assert.Equal(15, baseline.Of("rust", 300).Authors, 0.8);
    }

    [Fact]
    public void A_few_hours_of_few_posts_are_enough_to_expect_what_is_common()
    {
        var history = Filled(Enumerable.Range(0, 8).Select(i => new TermHour(TermPosts.Monday.AddHours(i), 100, [new("rust", 10, 10, 3)])));
        var baseline = history.BaselineOf(TermPosts.Monday.AddHours(8));

        Assert.InRange(baseline.Of("rust", 100).Authors, 9.5, 10.5);
        Assert.InRange(baseline.Of("volcano", 100).Authors, 0.1, 0.2);
    }

    [Fact]
    public void An_hour_keeps_what_two_authors_used_and_of_that_the_most_used()
    {
        var bucket = new TermCounts(TermPosts.Monday, 500, [new("a", 1, 1, 1, 1), new("b", 1, 2, 2, 1), new("c", 1, 1, 2, 1)]);
        var other = new TermCounts(TermPosts.Monday + TermClock.Length, 300, [new("c", 1, 3, 3, 2)]);

        var sums = new TermHourSums();
        sums.Add(other);
        sums.Add(bucket);
        Assert.Throws<ArgumentException>(() => sums.Add(new TermCounts(TermPosts.Monday.AddHours(1), 1, [])));
        var hour = sums.End();

        Assert.Equal(TermPosts.Monday, hour.Hour);
        Assert.Equal(800, hour.Volume);
        Assert.Equal([new("c", 4, 5, 2), new TermHourCount("b", 2, 2, 1)], hour.Terms);
        var many = new TermCounts(TermPosts.Monday.AddHours(1), 7, [.. Enumerable.Range(0, 5_000).Select(i => new TermCount($"{i}", 1, 2 + (i % 7), 9, 1))]);
        sums.Add(many);
        var next = sums.End();
        Assert.Equal(7, next.Volume);
        Assert.Equal(TermHour.MaxTerms, next.Terms.Count);
        Assert.DoesNotContain(next.Terms, term => term.Term is "b" or "c");
        Assert.Null(sums.Hour);
    }

    [Fact]
    public void Hours_come_once_and_in_order()
    {
        var history = Filled([new TermHour(TermPosts.Monday, 1, [])]);

        Assert.Throws<ArgumentException>(() => history.Add(new TermHour(TermPosts.Monday, 1, [])));
        Assert.Throws<ArgumentException>(() => history.BaselineOf(TermPosts.Monday));
    }

    private static TermExpectation Expected(TermHistory history, int hour) => history.BaselineOf(TermPosts.Monday.AddHours(hour)).Of("football", 600);

    private static TermHistory Filled(IEnumerable<TermHour> hours)
    {
        var history = new TermHistory();
        foreach (var hour in hours)
            history.Add(hour);
        return history;
    }
}
