using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

public sealed class PostRowTests : BunitContext
{
    private readonly PostFeed _feed = new(TimeProvider.System);

    public PostRowTests() => Services.AddSingleton(_feed);

    [Fact]
    public void Title_entities_are_decoded_and_markup_stays_text()
    {
        var row = RenderRow(Posts.Post(1) with { Title = "Q&amp;A &lt;b&gt;now&lt;/b&gt; it&#39;s <i>on</i>" });
        Assert.Equal("Q&A <b>now</b> it's <i>on</i>", row.Find("[data-testid=post-title]").TextContent);
        Assert.Empty(row.FindAll("b, i"));
    }

    [Fact]
    public void The_title_leads_to_the_post()
    {
        var row = RenderRow(Posts.Post(1));
        Assert.Equal("posts/p00001", row.Find("[data-testid=post-title]").GetAttribute("href"));
        Assert.Equal("subreddits/technology", row.Find("[data-testid=subreddit]").GetAttribute("href"));
    }

    [Fact]
    public void The_course_shows_from_the_second_observation_on()
    {
        _feed.Apply([Posts.Post(1)]);
        Assert.Empty(RenderRow(Posts.Post(1)).FindAll("[data-testid=sparkline]"));
        _feed.Apply([Posts.Post(1, polls: 4)]);
        Assert.Equal("Score: 100 to 104, 104 now", RenderRow(Posts.Post(1, polls: 4)).Find("[data-testid=sparkline]").GetAttribute("aria-label"));
    }

    [Fact]
    public void Reddit_opens_in_a_new_tab_that_knows_nothing_of_us()
    {
        var link = RenderRow(Posts.Post(1)).Find("[data-testid=on-reddit]");
        Assert.Equal("https://www.reddit.com/r/technology/comments/p00001/post/", link.GetAttribute("href"));
        Assert.Equal("noopener noreferrer", link.GetAttribute("rel"));
        Assert.Equal("_blank", link.GetAttribute("target"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("javascript:alert(1)")]
    [InlineData("//elsewhere.example/r/x")]
    [InlineData("https://elsewhere.example/")]
    public void A_permalink_that_is_none_is_not_followed(string? permalink) =>
        Assert.Equal("https://www.reddit.com/comments/p00001", RedditLinks.Post(Posts.Post(1) with { Permalink = permalink }));

    [Theory]
    [InlineData("[deleted]")]
    [InlineData("")]
    [InlineData(null)]
    public void A_deleted_author_is_no_link(string? author) => Assert.Null(RedditLinks.Author(Posts.Post(1) with { Author = author }));

    [Fact]
    public void Figures_are_short_with_the_exact_value_in_the_tooltip()
    {
        var row = RenderRow(Posts.Post(1) with { CurrentScore = 12_345, CurrentComments = 1_234 });
        Assert.Equal("12.3k points", row.Find("[data-testid=score]").TextContent.Trim());
        Assert.Equal("12,345 points, 97 % upvoted", row.Find("[data-testid=score]").GetAttribute("title"));
        Assert.Equal("1,234 comments", row.Find("[data-testid=comments]").GetAttribute("title"));
    }

    [Fact]
    public void Velocity_is_per_minute_and_per_second_in_the_tooltip()
    {
        var velocity = RenderRow(Posts.Post(1)).Find("[data-testid=velocity]");
        Assert.Equal("+12.3", velocity.QuerySelector(".velocity-figure")!.TextContent);
        Assert.Equal("+0.205 points/s, +0.010 comments/s", velocity.GetAttribute("title"));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.01, "1")]
    [InlineData(-0.1, "2")]
    [InlineData(1, "3")]
    [InlineData(10, "4")]
    [InlineData(50, "5")]
    public void The_bars_grow_with_every_factor_of_ten(double perSecond, string level) =>
        Assert.Equal(level, RenderRow(Posts.Post(1) with { ScoreVelocity = perSecond }).Find("[data-testid=velocity]").GetAttribute("data-level"));

    [Fact]
    public void Sentiment_says_word_and_sign()
    {
        var chip = RenderRow(Posts.Post(1) with { Nlp = new() { SentimentLabel = "negative", SentimentScore = -0.5719, Keywords = [] } })
            .Find("[data-testid=sentiment]");
        Assert.Equal("negative", chip.QuerySelector(".chip-word")!.TextContent);
        Assert.Equal("−0.57", chip.QuerySelector(".chip-score")!.TextContent);
    }

    [Fact]
    public void Only_trending_posts_have_the_badge()
    {
        Assert.Empty(RenderRow(Posts.Post(1)).FindAll("[data-testid=trending]"));
        Assert.Single(RenderRow(Posts.Post(1) with { IsTrending = true }).FindAll("[data-testid=trending]"));
    }

    [Fact]
    public void An_adult_title_is_blurred_until_it_is_asked_for()
    {
        var row = RenderRow(Posts.Post(1) with { Over18 = true });
        Assert.Contains("title-hidden", row.Find("[data-testid=post-title]").ClassName, StringComparison.Ordinal);
        row.Find("button").Click();
        Assert.DoesNotContain("title-hidden", row.Find("[data-testid=post-title]").ClassName, StringComparison.Ordinal);
        Assert.Equal("true", row.Find("button").GetAttribute("aria-pressed"));
    }

    [Fact]
    public void A_row_renders_again_only_for_another_state_or_age()
    {
        var post = Posts.Post(1);
        var row = RenderRow(post);
        var first = row.Markup;

        var built = row.RenderCount;
        row.Render(parameters => parameters.Add(component => component.Post, post).Add(component => component.Age, "5 min"));
        Assert.Equal((built, first), (row.RenderCount, row.Markup));

        row.Render(parameters => parameters.Add(component => component.Post, post).Add(component => component.Age, "6 min"));
        Assert.Equal("6 min", row.Find("time").TextContent);
    }

    private IRenderedComponent<PostRow> RenderRow(PostView post) =>
        Render<PostRow>(parameters => parameters.Add(row => row.Post, post).Add(row => row.Age, "5 min"));
}
