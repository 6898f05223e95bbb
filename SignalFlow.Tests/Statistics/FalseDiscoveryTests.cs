using CsCheck;
using SignalFlow.Processing.Statistics;

namespace SignalFlow.Tests.Statistics;

public sealed class FalseDiscoveryTests
{
    // The example of the authors' article.
    private static readonly double[] Published =
        [0.0459, 0.0001, 0.0278, 0.0004, 0.3240, 0.0019, 0.0095, 0.0201, 0.0298, 0.0344, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000];

    [Fact]
    public void The_published_example_has_four_discoveries() =>
        Assert.Equal(0.0095, FalseDiscovery.Threshold([.. Published], 15, 0.05));

    [Fact]
    public void It_finds_what_the_definition_says() =>
        Gen.Select(Gen.Double[0, 0.2].Array[0, 40], Gen.Int[0, 200]).Sample((values, others) =>
        {
            var tests = values.Length + others;
            var expected = values.Where(p => p <= 0.05 * values.Count(other => other <= p) / tests).DefaultIfEmpty(-1).Max();

            Assert.Equal(expected, FalseDiscovery.Threshold([.. values], tests, 0.05));
        });

    [Fact]
    public void What_was_tested_and_not_listed_counts()
    {
        Assert.Equal(0.001, FalseDiscovery.Threshold([0.001], 50, 0.05));
        Assert.Equal(-1, FalseDiscovery.Threshold([0.001], 51, 0.05));
        Assert.Equal(-1, FalseDiscovery.Threshold([], 0, 0.05));
    }
}
