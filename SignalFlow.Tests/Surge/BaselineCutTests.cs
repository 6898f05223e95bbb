using CsCheck;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class BaselineCutTests
{
    [Fact]
    public void A_cut_follows_from_the_observation_alone_and_is_one_to_two_periods_old() =>
        Gen.Long[0, 4_000_000_000_000_000].Sample(at =>
        {
            var cut = BaselineCut.Of(at);

            Assert.Equal(0, cut % BaselineCut.Period);
            Assert.InRange(at - cut, BaselineCut.Period, 2 * BaselineCut.Period - 1);
        });

    [Fact]
    public void History_gives_the_table_of_the_cut_however_many_were_made_since()
    {
        var tables = Enumerable.Range(1, 5).ToDictionary(i => i * BaselineCut.Period, i => Community.Table(i + 1));
        var history = new BaselineHistory(tables);

        Assert.Same(tables[2 * BaselineCut.Period], history.At(3 * BaselineCut.Period));
        Assert.Same(tables[2 * BaselineCut.Period], history.At(4 * BaselineCut.Period - 1));
        Assert.Same(tables[3 * BaselineCut.Period], history.At(4 * BaselineCut.Period));
        Assert.Same(tables[5 * BaselineCut.Period], history.At(100 * BaselineCut.Period));
        Assert.Same(BaselineTable.Empty, history.At(2 * BaselineCut.Period - 1));
    }
}
