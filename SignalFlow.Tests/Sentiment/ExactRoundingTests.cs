using System.Globalization;
using CsCheck;
using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Tests.Sentiment;

public sealed class ExactRoundingTests
{
    [Theory]
    [InlineData(0.1125, 0.113)] // a little more than the tie, in binary
    [InlineData(0.0005, 0.001)]
    [InlineData(0.0015, 0.002)]
    [InlineData(0.0045, 0.004)] // a little less
    [InlineData(0.0625, 0.062)] // exactly the tie: to even
    [InlineData(0.1875, 0.188)]
    [InlineData(1, 1)]
    public void Rounds_the_binary_value_and_exact_ties_to_even(double value, double expected)
    {
        Assert.Equal(expected, ExactRounding.Round(value, 1_000));
        Assert.Equal(-expected, ExactRounding.Round(-value, 1_000));
    }

    [Fact]
    public void Has_no_negative_zero() =>
        Assert.False(double.IsNegative(ExactRounding.Round(-0.00001, 10_000)));

    [Fact]
    public void Agrees_with_correctly_rounded_formatting() =>
        Gen.Select(Gen.Int[-9_999, 9_999], Gen.Int[-3, 3]).Sample((units, steps) =>
        {
            // A half step and its neighbours, where a rounded product goes wrong.
            var value = (units + 0.5) / 10_000;
            for (var i = 0; i < Math.Abs(steps); i++)
                value = steps > 0 ? Math.BitIncrement(value) : Math.BitDecrement(value);

            var expected = double.Parse(value.ToString("F4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            return Math.Abs(value) > 1 || ExactRounding.Round(value, 10_000) == expected;
        });
}
