using Microsoft.Extensions.Logging.Abstractions;
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
        Assert.Equal((score, isTrending), Seed(new TrendingOptions()).Rate(velocity, sentiment, comments));

    [Fact]
    public void All_five_numbers_are_configuration()
    {
        var options = new TrendingOptions { VelocityHigh = 5, VelocityLow = 1, SentimentMin = 0.1, CommentMin = 2, Cutoff = 0.4 };

        Assert.Equal((0.4, true), Seed(options).Rate(6, 0, 0));
        Assert.Equal((0.2, false), Seed(options).Rate(0, 0.2, 0));
        Assert.Equal((0.2, false), Seed(options).Rate(2, 0, 0));
        Assert.Equal((0.2, false), Seed(options).Rate(0, 0, 3));
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

    [Fact]
    public void The_original_documents_example_needs_a_lower_threshold_than_its_table() =>
        // 3.85 points/s, sentiment 0.34, 45 comments: its text says 0.2, its table (10 points/s) gives 0. With the table lowered it is 0.2.
        Assert.Equal((0.2, false), Seed(new TrendingOptions { VelocityLow = 3 }).Rate(3.85, 0.34, 45));

    [Fact]
    public void Thresholds_change_without_a_restart_and_a_wrong_change_is_refused()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Trending:VelocityLow"] = "10" })
            .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddSingleton<SeedTrending>();
        services.AddOptionsWithValidateOnStart<TrendingOptions, TrendingOptions.Validator>().BindConfiguration(TrendingOptions.Section);
        using var provider = services.BuildServiceProvider();
        var trending = provider.GetRequiredService<SeedTrending>();
        Assert.Equal((0, false), trending.Rate(3.85, 0.34, 45));

        Change("3");
        Assert.Equal((0.2, false), trending.Rate(3.85, 0.34, 45));

        Assert.ThrowsAny<Exception>(() => Change("-1"));
        Assert.Equal((0.2, false), trending.Rate(3.85, 0.34, 45));

        Change("4");
        Assert.Equal((0, false), trending.Rate(3.85, 0.34, 45));

        void Change(string velocityLow)
        {
            configuration["Trending:VelocityLow"] = velocityLow;
            configuration.Reload();
        }
    }

    private static SeedTrending Seed(TrendingOptions options) => new(new Unchanging(options), NullLogger<SeedTrending>.Instance);

    private sealed class Unchanging(TrendingOptions options) : IOptionsMonitor<TrendingOptions>
    {
        public TrendingOptions CurrentValue => options;

        public TrendingOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<TrendingOptions, string?> listener) => null;
    }
}
