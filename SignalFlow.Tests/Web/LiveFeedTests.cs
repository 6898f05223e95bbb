using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Web.Access;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

public sealed class LiveFeedTests : BunitContext
{
    private readonly FakeTimeProvider _time = new(Posts.Now);
    private readonly PostFeed _feed;
    private readonly ReadingAccess _reading = new() { NeedsSignIn = false };
    private readonly BunitJSModuleInterop _browser;

    public LiveFeedTests()
    {
        _feed = new PostFeed(_time);
        _feed.Report(new(LiveState.Live));
        Services.AddSingleton(_feed);
        Services.AddSingleton<KnownSubreddits>();
        Services.AddHttpClient(ApiClient.ServiceName, client => client.BaseAddress = ApiClient.ServiceAddress)
            .ConfigurePrimaryHttpMessageHandler(() => new AnswersOfTheApi());
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddDistributedMemoryCache();
        Services.AddDataProtection();
        Services.AddSingleton<UserSessions>();
        Services.AddSingleton(_reading);
        Services.AddScoped<CurrentUser>();
        Services.AddScoped<ReadingCheck>();
        AddAuthorization();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        _browser = JSInterop.SetupModule("./feed.js");
        _browser.SetupVoid("attach", _ => true).SetVoidResult();
        _browser.SetupVoid("scrollToTop").SetVoidResult();
        _browser.SetupVoid("showWaiting", _ => true).SetVoidResult();
        _browser.SetupVoid("detach").SetVoidResult();
    }

    [Fact]
    public void A_new_post_comes_in_at_the_top()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        Push(Posts.Post(4));
        feed.WaitForAssertion(() => Assert.Equal(["p00004", "p00003", "p00002", "p00001"], Ids(feed)));
    }

    [Fact]
    public void Who_may_not_read_any_more_is_shown_nothing_more_and_asked_to_sign_in()
    {
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        navigation.NavigateTo("/?q=number");
        var feed = RenderFeed(Posts.Range(1, 3));
        Assert.Equal(3, Ids(feed).Length);

        _reading.NeedsSignIn = true;
        Push(Posts.Post(4));

        feed.WaitForAssertion(() => Assert.Empty(Ids(feed)));
        Assert.EndsWith("/sign-in?return=%2F%3Fq%3Dnumber", navigation.Uri, StringComparison.Ordinal);
        // The page is still there for whoever does not leave it.
        feed.Find("[data-testid=pause]").Click();
        Push(Posts.Post(5));
        feed.Find("[data-testid=pause]").Click();
        Assert.Empty(Ids(feed));
        Assert.DoesNotContain("number", feed.Find("[data-testid=feed-table]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Paused_rows_stay_new_posts_are_counted_and_come_in_at_once_on_resume()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        feed.Find("[data-testid=pause]").Click();
        Push(Posts.Range(4, 26));

        feed.WaitForAssertion(() => Assert.StartsWith("23 new", Text(feed, "pill"), StringComparison.Ordinal));
        Assert.Equal(["p00003", "p00002", "p00001"], Ids(feed));
        Assert.Equal(23, _browser.VerifyInvoke("showWaiting").Arguments[0]);

        feed.Find("[data-testid=pause]").Click();
        Assert.Equal(26, Ids(feed).Length);
        Assert.Empty(feed.FindAll("[data-testid=pill]"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_purged_post_leaves_the_page_at_once_also_while_paused(bool paused)
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        if (paused)
            feed.Find("[data-testid=pause]").Click();
        Push(Posts.Purged(2));

        feed.WaitForAssertion(() => Assert.Equal(["p00003", "p00001"], Ids(feed)));
        Assert.DoesNotContain("number 2", feed.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(PostRemoval.Placeholder, feed.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_score_shows_in_place_while_paused_and_is_marked()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        feed.Find("[data-testid=pause]").Click();
        Push(Posts.Post(2, polls: 50));

        feed.WaitForAssertion(() => Assert.Equal("150 points", Row(feed, "p00002").QuerySelector("[data-testid=score]")!.TextContent.Trim()));
        Assert.Equal("up-a", Row(feed, "p00002").GetAttribute("data-changed"));
        Assert.Null(Row(feed, "p00001").GetAttribute("data-changed"));

        Push(Posts.Post(2, polls: 51));
        feed.WaitForAssertion(() => Assert.Equal("up-b", Row(feed, "p00002").GetAttribute("data-changed")));
    }

    [Fact]
    public async Task Scrolling_away_holds_the_rows_and_the_pill_leads_back_to_live()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        await feed.InvokeAsync(() => feed.Instance.OnScrolledAsync(atTop: false));
        Assert.Equal("Jump to live", Text(feed, "pill"));
        Push(Posts.Post(4));
        feed.WaitForAssertion(() => Assert.StartsWith("1 new", Text(feed, "pill"), StringComparison.Ordinal));

        await feed.Find("[data-testid=pill]").ClickAsync(new());

        Assert.Equal(4, Ids(feed).Length);
        _browser.VerifyInvoke("scrollToTop");
    }

    [Fact]
    public async Task A_row_that_has_the_keyboard_stays_where_it_is()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        await feed.InvokeAsync(() => feed.Instance.OnEngagedAsync(pointerInside: false, focusInside: true));
        Push(Posts.Post(4));
        feed.WaitForAssertion(() => Assert.StartsWith("1 new", Text(feed, "pill"), StringComparison.Ordinal));
        Assert.Equal(["p00003", "p00002", "p00001"], Ids(feed));

        await feed.InvokeAsync(() => feed.Instance.OnEngagedAsync(pointerInside: false, focusInside: false));
        Assert.Equal("p00004", Ids(feed)[0]);
    }

    [Fact]
    public async Task Rows_of_a_changing_order_move_every_five_seconds_and_never_under_the_pointer()
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("/?sort=score");
        var feed = RenderFeed(Posts.Range(1, 3));
        var before = Ids(feed);
        var last = int.Parse(before[^1][1..], System.Globalization.CultureInfo.InvariantCulture);
        Push(Posts.Post(last, polls: 500));
        feed.WaitForAssertion(() => Assert.Contains("600", Row(feed, before[^1]).TextContent, StringComparison.Ordinal));
        Assert.Equal(before, Ids(feed));

        await feed.InvokeAsync(() => feed.Instance.OnEngagedAsync(pointerInside: true, focusInside: false));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(before, Ids(feed));

        await feed.InvokeAsync(() => feed.Instance.OnEngagedAsync(pointerInside: false, focusInside: false));
        _time.Advance(TimeSpan.FromSeconds(5));
        feed.WaitForAssertion(() => Assert.Equal(before[^1], Ids(feed)[0]));
    }

    [Fact]
    public void Subreddits_are_chosen_one_after_the_other_and_taken_away_again()
    {
        var feed = RenderFeed([.. Posts.Range(1, 2), Posts.Post(3) with { Subreddit = "aww" }, Posts.Post(4) with { Subreddit = "nba" }]);
        feed.Find("[data-testid=filter-subreddit]").Change("r/aww");
        Assert.Equal(["p00003"], Ids(feed));
        feed.Find("[data-testid=filter-subreddit]").Change("nba");
        Assert.Equal(["p00004", "p00003"], Ids(feed));

        feed.Find("[aria-label='Remove r/aww']").Click();
        Assert.Equal(["p00004"], Ids(feed));
    }

    [Fact]
    public void The_list_is_capped_and_says_so()
    {
        var feed = RenderFeed(Posts.Range(1, FeedWindow.Capacity + 20));
        Assert.Contains("500", Text(feed, "cap-notice"), StringComparison.Ordinal);
        Assert.Contains("500", Text(feed, "summary"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_sets_the_filter()
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("/?q=number+2");
        var feed = RenderFeed(Posts.Range(1, 3));
        Assert.Equal(["p00002"], Ids(feed));
        Assert.Equal("number 2", feed.Find("[data-testid=filter-text]").GetAttribute("value"));
    }

    [Fact]
    public void Typing_filters_at_once_and_is_kept_in_the_address()
    {
        var feed = RenderFeed([.. Posts.Range(1, 3), Posts.Post(4) with { Title = "Another" }]);
        feed.Find("[data-testid=filter-text]").Input("another");
        Assert.Equal(["p00004"], Ids(feed));

        _time.Advance(TimeSpan.FromSeconds(1));
        feed.WaitForAssertion(() =>
            Assert.EndsWith("/?q=another", Services.GetRequiredService<BunitNavigationManager>().Uri, StringComparison.Ordinal));

        feed.Find("[data-testid=filter-clear]").Click();
        Assert.Equal(4, Ids(feed).Length);
    }

    [Fact]
    public void Going_back_in_the_history_applies_the_filter_of_that_address()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("/?q=number+3");
        feed.WaitForAssertion(() => Assert.Equal(["p00003"], Ids(feed)));
    }

    [Fact]
    public void A_filter_that_lets_nothing_through_can_be_cleared()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        feed.Find("[data-testid=filter-min-score]").Input("9000");
        Assert.Contains("No post matches", Text(feed, "feed-empty"), StringComparison.Ordinal);
        feed.Find("[data-testid=feed-empty] button").Click();
        Assert.Equal(3, Ids(feed).Length);
    }

    [Theory]
    [InlineData(LiveState.Connecting, "Waiting for the first posts")]
    [InlineData(LiveState.Offline, "cannot be reached")]
    public void An_empty_feed_says_why(LiveState state, string expected)
    {
        _feed.Report(new(state));
        Assert.Contains(expected, Text(RenderFeed(), "feed-empty"), StringComparison.Ordinal);
    }

    [Fact]
    public void New_posts_are_announced_as_a_count_at_most_every_ten_seconds()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        Push(Posts.Range(4, 5));
        feed.WaitForAssertion(() => Assert.Equal(5, Ids(feed).Length));
        Assert.Equal("", Text(feed, "announcement"));

        _time.Advance(TimeSpan.FromSeconds(10));
        feed.WaitForAssertion(() => Assert.Equal("2 new posts", Text(feed, "announcement")));

        Push(Posts.Post(6));
        feed.WaitForAssertion(() => Assert.Equal(6, Ids(feed).Length));
        Assert.Equal("2 new posts", Text(feed, "announcement"));
        _time.Advance(TimeSpan.FromSeconds(10));
        feed.WaitForAssertion(() => Assert.Equal("1 new post", Text(feed, "announcement")));
    }

    [Fact]
    public async Task A_closed_page_no_longer_listens()
    {
        var feed = RenderFeed(Posts.Range(1, 3));
        var renders = feed.RenderCount;
        await feed.Instance.DisposeAsync();
        Push(Posts.Post(4));
        Assert.Equal(renders, feed.RenderCount);
        _browser.VerifyInvoke("detach");
    }

    [Fact]
    public void Before_the_circuit_the_page_has_the_newest_rows_already()
    {
        SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        // Nothing runs in the browser yet.
        _browser.SetupVoid("attach", _ => true);
        Assert.Equal(["p00002", "p00001"], Ids(RenderFeed(Posts.Range(1, 2))));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _feed.Dispose();
    }

    private IRenderedComponent<LiveFeed> RenderFeed(params PostView[] posts)
    {
        _feed.Apply(posts);
        return Render<LiveFeed>();
    }

    private void Push(params PostView[] posts)
    {
        _feed.Apply(posts);
        _time.Advance(PostFeed.PulseInterval);
    }

    private static string[] Ids(IRenderedComponent<LiveFeed> feed) =>
        [.. feed.FindAll("[data-testid=post-row]").Select(row => row.GetAttribute("data-post-id")!)];

    private static AngleSharp.Dom.IElement Row(IRenderedComponent<LiveFeed> feed, string id) => feed.Find($"[data-post-id={id}]");

    private static string Text(IRenderedComponent<LiveFeed> feed, string testId) =>
        string.Join(' ', feed.Find($"[data-testid={testId}]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
