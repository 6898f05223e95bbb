using CsCheck;
using SignalFlow.Processing.Anomalies;

namespace SignalFlow.Tests.Anomalies;

public sealed class ActivityAnomaliesTests
{
    /// <summary>A Monday.</summary>
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(20, ActivityLevel.Usual)]
    [InlineData(36, ActivityLevel.Usual)]
    [InlineData(48, ActivityLevel.Loud)]
    [InlineData(4, ActivityLevel.Usual)]
    [InlineData(1, ActivityLevel.Quiet)]
    internal void An_hour_is_loud_or_quiet_against_the_same_hours(int count, ActivityLevel expected) =>
        Assert.Equal(expected, ActivityAnomalies.Judge("golang", count, History(28 * 24, _ => 20)).Level);

    [Theory]
    [InlineData(47, ActivityLevel.Unknown)]
    [InlineData(10 * 24, ActivityLevel.Loud)]
    [InlineData(28 * 24, ActivityLevel.Loud)]
    internal void Without_two_days_of_history_nothing_is_said(int hours, ActivityLevel expected) =>
        Assert.Equal(expected, ActivityAnomalies.Judge("golang", 90, History(hours, _ => 20)).Level);

    [Fact]
    public void What_is_usual_on_that_day_of_the_week_is_no_anomaly()
    {
        // The hour that is judged is the first of a Monday.
        var history = History(28 * 24, age => age % 168 is 0 or 167 or 1 ? 90 : 20);

        Assert.Equal((ActivityLevel.Usual, ActivityBaselineKind.HourOfWeek), Judge(88, history));
        Assert.Equal((ActivityLevel.Quiet, ActivityBaselineKind.HourOfWeek), Judge(20, history));
        // With less than two weeks it cannot be known.
        Assert.Equal((ActivityLevel.Loud, ActivityBaselineKind.HourOfDay), Judge(88, History(10 * 24, age => age % 168 is 0 or 167 or 1 ? 90 : 20)));

        static (ActivityLevel, ActivityBaselineKind) Judge(int count, ActivityHistory history)
        {
            var judged = ActivityAnomalies.Judge("golang", count, history);
            return (judged.Level, judged.Baseline);
        }
    }

    [Fact]
    public void A_few_posts_are_never_loud() =>
        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("tiny", 4, History(28 * 24, _ => 0)).Level);

    [Fact]
    public void A_small_subreddit_is_quiet_after_many_empty_hours_and_whatever_comes_ends_it()
    {
        var silent = History(28 * 24, age => age <= 23 ? 0 : 1);

        var judged = ActivityAnomalies.Judge("small", 0, silent);

        Assert.Equal((ActivityLevel.Quiet, 24), (judged.Level, judged.Hours));
        Assert.Equal("small: 0 in 24 hours instead of 24 (same hours of the week, 9 samples)", judged.Reason);
        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("small", 1, silent, judged).Level);
        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("small", 0, History(28 * 24, _ => 1)).Level);
    }

    [Fact]
    public void An_anomaly_lasts_until_the_count_is_nearly_usual()
    {
        var history = History(28 * 24, _ => 20);
        var loud = ActivityAnomalies.Judge("golang", 60, history);

        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("golang", 32, history).Level);
        Assert.Equal(ActivityLevel.Loud, ActivityAnomalies.Judge("golang", 32, history, loud).Level);
        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("golang", 27, history, loud).Level);
        var quiet = ActivityAnomalies.Judge("golang", 0, history);
        Assert.Equal(ActivityLevel.Quiet, ActivityAnomalies.Judge("golang", 9, history, quiet).Level);
        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("golang", 9, history).Level);
    }

    [Fact]
    public void Wide_scatter_asks_for_more()
    {
        var history = History(28 * 24, age => (age % 3) switch { 0 => 20, 1 => 2, _ => 60 });

        Assert.Equal(ActivityLevel.Usual, ActivityAnomalies.Judge("golang", 60, history).Level);
        Assert.Equal(ActivityLevel.Loud, ActivityAnomalies.Judge("golang", 60, History(28 * 24, _ => 20)).Level);
    }

    [Fact]
    public void The_reason_says_what_was_compared() =>
        Assert.Equal(
            "golang: 48 in an hour instead of 12 (same hours of the day, less than two weeks of history, 30 samples)",
            ActivityAnomalies.Judge("golang", 48, History((10 * 24) + 1, _ => 12)).Reason);

    [Fact]
    public void The_order_of_the_counts_and_what_lies_outside_change_nothing() =>
        Gen.Select(Gen.Int[0, 50].Array[400], Gen.Int[0, 200], Gen.Int).Sample((counts, count, seed) =>
        {
            var hours = counts.Select((value, i) => (Monday.AddHours(-i - 1), value)).ToArray();
            var more = hours.Append((Monday, 999)).Append((Monday.AddHours(5), 999)).Append((Monday.AddHours(-900), 999)).Concat(hours).ToArray();
            new Random(seed).Shuffle(more);

            Assert.Equal(
                ActivityAnomalies.Judge("a", count, new ActivityHistory(Monday.AddHours(-400), Monday, hours)),
                ActivityAnomalies.Judge("a", count, new ActivityHistory(Monday.AddHours(-400), Monday, more)));
        });

    private static ActivityHistory History(int hours, Func<int, int> countAtAge) =>
        new(Monday.AddHours(-hours), Monday, Enumerable.Range(1, hours).Select(age => (Monday.AddHours(-age), countAtAge(age))));
}
