using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Tests.Web;

public sealed class FeedFilterTests
{
    private static readonly PostView Post =
        Posts.Post(1) with { Title = "Battery breakthrough", Subreddit = "Futurology", CurrentScore = 40, PollPriority = "aggressive" };

    [Fact]
    public void A_filter_survives_its_way_through_the_address()
    {
        var text = Gen.OneOf(Gen.String[Gen.Char[" abcÄ&=?#%+/r"], 0, 12], Gen.Const("😀")).Select(value => value.Trim());
        var names = Gen.String[Gen.Char["abcXY_9"], 1, 8].List[0, 3].Select(FeedFilter.Names);
        var sentiment = Gen.OneOf(Gen.Const(""), Gen.Const("positive"), Gen.Const("neutral"), Gen.Const("negative"));
        var tier = Gen.OneOf([Gen.Const(""), .. FeedFilter.Tiers.Select(Gen.Const)]);
        var sort = Gen.OneOf([.. FeedSort.All.Select(each => Gen.Const(each.Name))]);
        Gen.Select(text, names, sentiment, tier, Gen.Bool, Gen.Int.Nullable(), sort)
            .Select((title, subreddits, mood, watched, trending, score, order) => new FeedFilter
            {
                Text = title,
                Subreddits = subreddits,
                Sentiment = mood,
                Tier = watched,
                TrendingOnly = trending,
                MinScore = score,
                Sort = order,
            })
            .Sample(filter => Assert.Equal(filter, FeedFilter.FromUri("http://localhost" + filter.ToUri())));
    }

    [Fact]
    public void No_filter_is_the_bare_address() => Assert.Equal("/", FeedFilter.None.ToUri());

    [Theory]
    [InlineData("?sentiment=angry&min_score=lots&trending=perhaps&tier=huge&sort=luck&subreddit=,,")]
    [InlineData("?unknown=1&&=")]
    [InlineData("")]
    public void What_an_address_says_in_vain_is_left_out(string query) =>
        Assert.Equal(FeedFilter.None, FeedFilter.FromUri("http://localhost/" + query));

    [Theory]
    [InlineData("?q=battery", true)]
    [InlineData("?q=cell", false)]
    [InlineData("?subreddit=futur", false)]
    [InlineData("?subreddit=/r/futurology", true)]
    [InlineData("?subreddit=aww,FUTUROLOGY", true)]
    [InlineData("?subreddit=aww&subreddit=futurology", true)]
    [InlineData("?tier=aggressive", true)]
    [InlineData("?tier=slow", false)]
    [InlineData("?sort=score", true)]
    [InlineData("?subreddit=aww", false)]
    [InlineData("?sentiment=positive", true)]
    [InlineData("?sentiment=negative", false)]
    [InlineData("?min_score=40", true)]
    [InlineData("?min_score=41", false)]
    [InlineData("?trending=1", false)]
    [InlineData("?q=battery&min_score=41", false)]
    public void Every_condition_must_hold(string query, bool matches) =>
        Assert.Equal(matches, FeedFilter.FromUri("http://localhost/" + query).Matches(Post));

    [Fact]
    public void A_post_that_is_not_analysed_yet_has_no_sentiment_to_match() =>
        Assert.False(new FeedFilter { Sentiment = "neutral" }.Matches(Post with { Nlp = null }));

    [Fact]
    public void A_sentiment_that_is_not_reliable_matches_none()
    {
        var post = Post with { Nlp = Post.Nlp! with { SentimentReliable = false } };

        Assert.False(new FeedFilter { Sentiment = "positive" }.Matches(post));
        Assert.True(FeedFilter.None.Matches(post));
    }
}
