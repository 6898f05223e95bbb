using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Tests.Web;

public sealed class FeedSummaryTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(120, 0.5, 120)] // 120 posts within the last minute: the feed reaches no further back
    [InlineData(30, 60, 1)] // 30 posts over half an hour: ten of them in the last ten minutes
    public void New_posts_per_minute_are_those_of_the_time_the_feed_covers(int posts, double secondsApart, double expected)
    {
        var feed = Enumerable.Range(1, posts).Select(post => Posts.Post(post) with { CreatedUtc = Now - TimeSpan.FromSeconds(post * secondsApart) });

        Assert.Equal(expected, FeedSummary.Of([.. feed], Now).PostsPerMinute, expected * 0.11);
    }

    [Fact]
    public void Sentiments_that_are_not_reliable_do_not_count()
    {
        var post = Posts.Post(1);
        var summary = FeedSummary.Of([post, post with { Nlp = post.Nlp! with { SentimentReliable = false } }, post with { Nlp = null }], Now);

        Assert.Equal((3, 1), (summary.Posts, summary.WithSentiment));
    }
}
