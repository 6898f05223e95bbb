using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Processing;

public sealed class SentimentTextTests
{
    [Theory]
    [InlineData("title", "neutral")]
    [InlineData("title+body", "negative")]
    public void The_body_counts_only_where_it_is_asked_for(string text, string label)
    {
        using var provider = new ServiceCollection().AddLogging().AddOptions().BuildServiceProvider();
        using var trending = new SeedTrending(provider.GetRequiredService<IOptionsMonitor<TrendingOptions>>(), NullLogger<SeedTrending>.Instance);
        var analysis = new PostAnalysis(
            new VaderAnalyzer(), trending, new SurgeAnalysis(_ => BaselineTable.Empty, new(Options.Create(new SurgeOptions()))),
            Options.Create(new ProcessingOptions { SentimentText = text }));
        var post = new PostObservation
        {
            Id = "a",
            Subreddit = "news",
            Title = "The harbour today",
            Selftext = "It is horrible and sad.",
            CreatedUtc = 1_795_428_000,
            Score = 1,
            NumComments = 0,
        };

        var update = analysis.Update([new DecodedObservation(post, new Sample(1_795_428_000_000_000, 1, 0))], known: null);

        Assert.Equal(label, update.Nlp!.SentimentLabel);
        Assert.Equal(1, update.Nlp.Negative + update.Nlp.Neutral + update.Nlp.Positive, 0.002);
        Assert.NotNull(update.ToView(DateTimeOffset.UnixEpoch, purge: null).Nlp!.TopicCluster);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("")]
    [InlineData("Title")]
    public void Any_other_word_stops_the_service_and_the_message_names_the_key(string text)
    {
        var result = new ProcessingOptions.Validator().Validate(null, new ProcessingOptions { SentimentText = text });

        Assert.Contains("Processing:SentimentText", result.FailureMessage, StringComparison.Ordinal);
    }
}
