using Microsoft.Extensions.Options;
using SignalFlow.Processing.Trending;

namespace SignalFlow.Tests.Processing;

public sealed class SeedTrendingTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, false)]
    [InlineData(10, 0.5, 100, 0, false)] // every limit itself is not above it
    [InlineData(10.01, 0, 0, 0.2, false)]
    [InlineData(50, 0, 0, 0.2, false)]
    [InlineData(50.01, 0, 0, 0.4, false)]
    [InlineData(50.01, 0.51, 0, 0.6, true)]
    [InlineData(50.01, -0.51, 0, 0.6, true)]
    [InlineData(10.01, 0.51, 101, 0.6, true)]
    [InlineData(0, 0.9, 5000, 0.4, false)]
    [InlineData(51, 0.9, 101, 0.8, true)]
    [InlineData(3.85, 0.34, 45, 0, false)] // the original document's example, by its own table
    public void Rates_by_the_original_table(double velocity, double sentiment, int comments, double score, bool isTrending) =>
        Assert.Equal((score, isTrending), new SeedTrending(Options.Create(new TrendingOptions())).Rate(velocity, sentiment, comments));

    [Fact]
    public void All_five_numbers_are_configuration()
    {
        var options = new TrendingOptions { VelocityHigh = 5, VelocityLow = 1, SentimentMin = 0.1, CommentMin = 2, Cutoff = 0.4 };

        Assert.Equal((0.4, true), new SeedTrending(Options.Create(options)).Rate(6, 0, 0));
        Assert.Equal((0.2, false), new SeedTrending(Options.Create(options)).Rate(0, 0.2, 0));
        Assert.Equal((0.2, false), new SeedTrending(Options.Create(options)).Rate(2, 0, 0));
        Assert.Equal((0.2, false), new SeedTrending(Options.Create(options)).Rate(0, 0, 3));
    }

    [Fact]
    public void Wrong_thresholds_are_all_named()
    {
        var options = new TrendingOptions { VelocityHigh = 1, VelocityLow = 5, SentimentMin = 2, CommentMin = -1, Cutoff = double.NaN };

        var result = new TrendingOptions.Validator().Validate(null, options);

        Assert.True(result.Failed);
        foreach (var key in new[] { "Trending:VelocityHigh", "Trending:SentimentMin", "Trending:CommentMin", "Trending:Cutoff" })
            Assert.Contains(key, result.FailureMessage, StringComparison.Ordinal);
    }
}
