using CsCheck;
using SignalFlow.Processing.Statistics;

namespace SignalFlow.Tests.Statistics;

public sealed class DistributionTests
{
    [Fact]
    public void The_upper_tail_of_the_negative_binomial_is_the_sum_of_its_terms() =>
        Gen.Select(Gen.Int[0, 60], Gen.Double[0.01, 30], Gen.Double[0.001, 3]).Sample((count, mean, dispersion) =>
        {
            var expected = Sum(count, mean, dispersion);

            Assert.InRange(NegativeBinomial.UpperTail(count, mean, dispersion), expected * (1 - 1e-8), (expected * (1 + 1e-8)) + 1e-300);
        });

    [Theory]
    [InlineData(5, 1, 0.00365984682734371)]
    [InlineData(1, 0.5, 0.393469340287367)]
    [InlineData(12, 0.25, 9.880770749612384e-17)]
    public void Without_dispersion_it_is_Poisson(int count, double mean, double expected) =>
        Assert.InRange(NegativeBinomial.UpperTail(count, mean, 0) / expected, 0.9999, 1.0001);

    [Fact]
    public void A_larger_dispersion_makes_a_far_tail_heavier() =>
        Assert.True(NegativeBinomial.UpperTail(12, 2, 0.5) > 10 * NegativeBinomial.UpperTail(12, 2, 0.05));

    [Theory]
    [InlineData(2.228138852, 10, 0.05)]
    [InlineData(12.70620474, 1, 0.05)]
    [InlineData(-3.552, 19.5, 0.00206)]
    [InlineData(0, 7, 1)]
    public void Student_t_has_the_values_of_its_tables(double t, double degrees, double expected) =>
        Assert.InRange(StudentT.TwoSided(t, degrees), expected * 0.995, expected * 1.005);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0.5, 0.5723649429247001)]
    [InlineData(10.5, 13.940625219404)]
    [InlineData(1000, 5905.220423209181)]
    public void The_logarithm_of_gamma_has_its_known_values(double x, double expected) =>
        Assert.Equal(expected, SpecialFunctions.LogGamma(x), 1e-9 * Math.Max(1, expected));

    /// <summary>From the far end, so that small terms are not lost.</summary>
    private static double Sum(int count, double mean, double dispersion)
    {
        var size = 1 / dispersion;
        var log = size * Math.Log(size / (size + mean));
        var terms = new List<double>();
        for (var i = 0; i < count + 20_000; i++)
        {
            if (i >= count)
                terms.Add(Math.Exp(log));
            if (i > count + 50 && terms[^1] < terms[0] * 1e-17)
                break;
            log += Math.Log((size + i) / (i + 1)) + Math.Log(mean / (size + mean));
        }

        terms.Reverse();
        return terms.Sum();
    }
}
