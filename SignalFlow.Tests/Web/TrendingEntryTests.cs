using SignalFlow.Contracts;
using SignalFlow.Web.Components.Trending;

namespace SignalFlow.Tests.Web;

public sealed class TrendingEntryTests
{
    private static readonly TrendingValues Rule = new(50, 10, 0.5, 100, 0.5);

    [Fact]
    public void The_reason_says_what_the_rule_added_and_how_the_subreddit_usually_is()
    {
        var post = Posts.Post(1) with
        {
            CurrentScore = 600,
            CurrentComments = 140,
            ScoreVelocity = 12,
            Nlp = new() { SentimentScore = -0.81, SentimentLabel = "negative", Keywords = [] },
        };

        Assert.Equal(
            "+720 points a minute (adds 0.2), strongly negative title (\u22120.81) (adds 0.2), 140 comments (adds 0.2), 4.0× the average score in r/technology",
            new TrendingEntry(1, post, [], new(0.2, 0.2, 0.2), Rule, 150).Reason);
    }

    [Fact]
    public void A_post_that_does_not_trend_has_nothing_added_and_an_unknown_subreddit_no_factor() =>
        Assert.Equal(
            "+0.6 points a minute, 1 comment",
            new TrendingEntry(1, Posts.Post(1) with { ScoreVelocity = 0.01, CurrentComments = 1, Nlp = null }, [], null, Rule, null).Reason);

    [Theory]
    [InlineData("1,5", "New")]
    [InlineData("1,5,30", "Rising")]
    [InlineData("1,100,200", "Rising")]
    [InlineData("1,100,110", "Slowing")]
    [InlineData("5,5,5,5", "Steady")]
    [InlineData("9,9,7", "Falling")]
    public void The_movement_compares_the_two_halves_of_the_trail(string scores, string expected)
    {
        var trail = scores.Split(',').Select((score, index) =>
            new TrailPoint(Posts.Now.AddMinutes(index), int.Parse(score, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(expected, new TrendingEntry(1, Posts.Post(1), [.. trail], null, Rule, null).Movement.ToString());
    }
}
