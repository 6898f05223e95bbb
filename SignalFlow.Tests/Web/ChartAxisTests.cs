using System.Globalization;
using SignalFlow.Web.Components.Charts;

namespace SignalFlow.Tests.Web;

public sealed class ChartAxisTests
{
    private static readonly DateTimeOffset Saturday = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 88, new[] { 0, 50.0, 100 })]
    [InlineData(0, 10, new[] { 0, 5.0, 10 })]
    [InlineData(3, 7, new[] { 0, 2.0, 4, 6, 8 })]
    [InlineData(0, 0, new[] { 0, 1.0 })]
    [InlineData(-0.31, 0.12, new[] { -0.4, -0.2, 0, 0.2 })]
    [InlineData(0, 1_234_567, new[] { 0, 500_000.0, 1_000_000, 1_500_000 })]
    public void Ticks_of_values_are_round_and_hold_zero(double low, double high, double[] expected) =>
        Assert.Equal(expected, Axis.Over([low, high]).Ticks);

    [Fact]
    public void Without_zero_the_axis_begins_near_the_values() => Assert.Equal([100, 102, 104, 106], Axis.Over([101, 105.5], fromZero: false).Ticks);

    [Fact]
    public void Counts_have_no_ticks_between_whole_numbers() => Assert.Equal([0, 1, 2], Axis.Over([0, 2], whole: true).Ticks);

    [Fact]
    public void Without_a_value_there_is_an_axis_all_the_same()
    {
        Assert.Equal([0, 1], Axis.Over([]).Ticks);
        Assert.Equal([0, 1], Axis.Over([double.NaN, double.PositiveInfinity]).Ticks);
    }

    [Fact]
    public void Every_axis_holds_its_values_between_round_ends()
    {
        var random = new Random(5);
        for (var run = 0; run < 2_000; run++)
        {
            var scale = Math.Pow(10, random.Next(-4, 9));
            double[] values = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (random.NextDouble() - 0.5) * scale)];
            var axis = Axis.Over(values, fromZero: random.Next(2) == 0, whole: random.Next(2) == 0);
            if (values.Any(value => axis.Position(value) is < -1e-6 or > 1 + 1e-6) || axis.Ticks.Count() is < 2 or > 7)
                Assert.Fail($"{string.Join(", ", values)}: {axis}");
        }
    }

    [Theory]
    [InlineData(30, "00:00 is 28 Nov, 00:05, 00:10, 00:15, 00:20, 00:25, 00:30")]
    [InlineData(60 * 24, "00:00 is 28 Nov, 06:00, 12:00, 18:00, 00:00 is 29 Nov")]
    [InlineData(
        60 * 24 * 7,
        "00:00 is 28 Nov, 00:00 is 29 Nov, 00:00 is 30 Nov, 00:00 is 1 Dec, 00:00 is 2 Dec, 00:00 is 3 Dec, 00:00 is 4 Dec, 00:00 is 5 Dec")]
    [InlineData(60 * 24 * 30, "00:00 is 30 Nov, 00:00 is 7 Dec, 00:00 is 14 Dec, 00:00 is 21 Dec, 00:00 is 28 Dec")]
    public void Ticks_of_time_are_round_and_days_are_named(int minutes, string expected) =>
        Assert.Equal(
            expected,
            string.Join(", ", new TimeAxis(Saturday, Saturday.AddMinutes(minutes)).Ticks().Select(tick =>
                tick.At.ToString("HH:mm", CultureInfo.InvariantCulture) is var time && time == tick.Label ? time : $"{time} is {tick.Label}")));

    [Fact]
    public void A_year_has_months() => Assert.Equal(
        ["2027", "Mar", "May", "Jul", "Sep", "Nov"],
        new TimeAxis(Saturday, Saturday.AddDays(365)).Ticks().Select(tick => tick.Label));

    [Fact]
    public void Ticks_that_begin_between_round_times_start_with_the_next_one() =>
        Assert.Equal(["00:10", "00:20"], new TimeAxis(Saturday.AddMinutes(3), Saturday.AddMinutes(29)).Ticks(3).Select(tick => tick.Label));

    [Fact]
    public void Times_are_utc_wherever_they_came_from()
    {
        var start = new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.FromHours(9));
        Assert.Equal("28 Nov", new TimeAxis(start, start.AddHours(1)).Ticks()[0].Label);
        Assert.Equal("Sat 28 Nov, 00:00 UTC", TimeAxis.Name(start));
        Assert.Equal("Sat 28 Nov", TimeAxis.Name(start, TimeSpan.FromDays(1)));
    }

    [Fact]
    public void A_moment_alone_lies_at_the_start() => Assert.Equal(0, new TimeAxis(Saturday, Saturday).Position(Saturday));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 1)]
    [InlineData(20, 1)]
    [InlineData(20.5, 2)]
    [InlineData(100, 5)]
    public void Shades_of_the_heat_map_are_fifths_of_the_highest_value_and_zero_apart(double value, int level) =>
        Assert.Equal(level, new HeatScale(100).Level(value));
}
