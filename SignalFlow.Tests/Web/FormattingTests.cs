using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Tests.Web;

public sealed class FormattingTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1_000, "1k")]
    [InlineData(1_234, "1.2k")]
    [InlineData(1_999, "1.9k")]
    [InlineData(12_345, "12.3k")]
    [InlineData(99_999, "99.9k")]
    [InlineData(123_456, "123k")]
    [InlineData(999_999, "999k")]
    [InlineData(1_250_000, "1.2M")]
    [InlineData(2_147_483_647, "2.1G")]
    [InlineData(-45, "−45")]
    [InlineData(-1_500, "−1.5k")]
    public void Large_numbers_are_cut_to_three_figures(long value, string expected) => Assert.Equal(expected, Figures.Compact(value));

    [Fact]
    public void The_smallest_number_has_a_short_form() => Assert.Equal("−9223372036G", Figures.Compact(long.MinValue));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1_234_567, "1,234,567")]
    [InlineData(-1_234, "−1,234")]
    public void The_exact_value_groups_thousands(long value, string expected) => Assert.Equal(expected, Figures.Exact(value));

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(0.04, "0.0")]
    [InlineData(-0.04, "0.0")]
    [InlineData(12.318, "+12.3")]
    [InlineData(-0.4, "−0.4")]
    [InlineData(99.96, "+100")]
    [InlineData(512.4, "+512")]
    [InlineData(1_940, "+1.9k")]
    public void A_rate_carries_its_sign(double value, string expected) => Assert.Equal(expected, Figures.Signed(value));

    [Theory]
    [InlineData(0.2053, 3, "+0.205")]
    [InlineData(-0.5719, 2, "−0.57")]
    [InlineData(-0.001, 2, "0.00")]
    public void A_rate_with_fixed_decimals_carries_its_sign_unless_it_shows_zero(double value, int decimals, string expected) =>
        Assert.Equal(expected, Figures.Signed(value, decimals));

    [Theory]
    [InlineData(-3, "0 s")]
    [InlineData(0.9, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3_599, "59 min")]
    [InlineData(3_600, "1 h")]
    [InlineData(86_399, "23 h")]
    [InlineData(86_400, "1 d")]
    [InlineData(864_000, "10 d")]
    public void Ages_name_their_largest_unit(double seconds, string expected) =>
        Assert.Equal(expected, Ages.Relative(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(60, "fresh")]
    [InlineData(61, "stale")]
    [InlineData(300, "stale")]
    [InlineData(301, "old")]
    public void Freshness_turns_after_a_minute_and_after_five(double seconds, string expected) =>
        Assert.Equal(expected, Ages.Freshness(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Absolute_times_are_utc_wherever_the_time_came_from()
    {
        var at = new DateTimeOffset(2026, 3, 5, 1, 2, 3, TimeSpan.FromHours(9));
        Assert.Equal("2026-03-04 16:02:03 UTC", Ages.Absolute(at));
        Assert.Equal("2026-03-04T16:02:03Z", Ages.Machine(at));
    }
}
