using SignalFlow.Benchmarks.Evaluate;

namespace SignalFlow.Tests.Surge;

public sealed class RankingTests
{
    [Fact]
    public void Average_precision_is_the_mean_of_the_precision_down_to_each_positive() =>
        Assert.Equal((1.0 + 2.0 / 3) / 2, new Ranking([4, 3, 2, 1], [true, false, true, false]).AveragePrecision(), 1e-12);

    [Fact]
    public void A_constant_has_the_base_rate() =>
        Assert.Equal(0.25, new Ranking([1, 1, 1, 1], [true, false, false, false]).AveragePrecision(), 1e-12);

    [Fact]
    public void Counts_stand_for_repeated_posts() =>
        Assert.Equal(
            new Ranking([4, 4, 3, 1], [true, true, false, true]).AveragePrecision(),
            new Ranking([4, 3, 2, 1], [true, false, true, true]).AveragePrecision([2, 1, 0, 1]),
            1e-12);
}
