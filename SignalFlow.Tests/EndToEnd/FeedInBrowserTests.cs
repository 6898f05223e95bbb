using System.Globalization;
using Microsoft.Playwright;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

[Collection(InBrowser.Collection)]
public sealed class FeedInBrowserTests(BrowserFixture fixture)
{
    /// <summary>Busy enough that posts keep coming, quiet enough that one stays in view.</summary>
    private const string OneSubreddit = "/?subreddit=technology";

    [Fact]
    public async Task Posts_come_in_by_push_alone()
    {
        await using var page = await fixture.OpenAsync();
        await page.BecomesInteractiveAsync();
        await Assertions.Expect(page.Page.Locator("[data-testid=connection-state][data-state=live]")).ToBeVisibleAsync();
        var first = await page.RowIdsAsync();
        var requests = page.Requests;

        await Eventually.TrueAsync(async () => !(await page.RowIdsAsync()).Intersect(first).Any());

        Assert.Equal(requests, page.Requests);
        Assert.Single(requests, request => request.StartsWith("ws:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_score_changes_in_its_place()
    {
        await using var page = await fixture.OpenAsync(OneSubreddit);
        await page.BecomesInteractiveAsync();
        await page.PauseButton.ClickAsync();
        await Assertions.Expect(page.Page.Locator("[data-testid=feed][data-held=true]")).ToBeVisibleAsync();
        Assert.True(await page.Rows.EvaluateAllAsync<bool>("""
            rows => {
                window.seen = rows.map(row => ({ row, id: row.dataset.postId, score: row.querySelector("[data-testid=score]").innerText }));
                return window.seen.length > 5;
            }
            """));

        await page.UntilAsync("""
            window.seen.some(({ row, id, score }) =>
                row.isConnected && row.dataset.postId === id && row.dataset.changed && row.querySelector("[data-testid=score]").innerText !== score)
            """);
    }

    [Fact]
    public async Task Pause_freezes_the_rows_and_the_pill_counts_what_waits()
    {
        await using var page = await fixture.OpenAsync();
        await page.BecomesInteractiveAsync();

        await page.PauseButton.ClickAsync();
        await Assertions.Expect(page.PauseButton).ToHaveAttributeAsync("aria-pressed", "true");
        var frozen = await page.RowIdsAsync();
        var pill = page.Page.GetByTestId("pill");
        await Assertions.Expect(pill).ToContainTextAsync("new");
        var waiting = await WaitingAsync(page);
        await Eventually.TrueAsync(async () => await WaitingAsync(page) > waiting);
        Assert.Equal(frozen, await page.RowIdsAsync());
        Assert.Matches(@"^\(\d+\) Live feed", await page.Page.TitleAsync());

        await pill.ClickAsync();
        await Assertions.Expect(page.PauseButton).ToHaveAttributeAsync("aria-pressed", "false");
        await Eventually.TrueAsync(async () => !(await page.RowIdsAsync()).Intersect(frozen).Any());
        await Assertions.Expect(pill).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Space_pauses_and_resumes()
    {
        await using var page = await fixture.OpenAsync();
        await page.BecomesInteractiveAsync();

        await page.Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.PauseButton).ToHaveAttributeAsync("aria-pressed", "true");
        var frozen = await page.RowIdsAsync();
        await Assertions.Expect(page.Page.GetByTestId("pill")).ToContainTextAsync("new");
        Assert.Equal(frozen, await page.RowIdsAsync());

        await page.Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.PauseButton).ToHaveAttributeAsync("aria-pressed", "false");
        await Eventually.TrueAsync(async () => !(await page.RowIdsAsync()).Intersect(frozen).Any());
    }

    [Fact]
    public async Task Filters_go_into_the_address_and_survive_a_reload()
    {
        await using var page = await fixture.OpenAsync();
        await page.BecomesInteractiveAsync();

        await page.Page.GetByTestId("filter-subreddit").FillAsync("nba");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByTestId("subreddit-picker")).ToContainTextAsync("r/nba");
        await page.Page.GetByTestId("filter-sentiment").SelectOptionAsync("positive");
        await page.HasAddressAsync("/?subreddit=nba&sentiment=positive");
        await AssertShowsOnlyPositiveNbaAsync(page);

        await page.Page.ReloadAsync();
        await page.BecomesInteractiveAsync();
        await AssertShowsOnlyPositiveNbaAsync(page);
        await Assertions.Expect(page.Page.GetByTestId("subreddit-picker")).ToContainTextAsync("r/nba");
        await Assertions.Expect(page.Page.GetByTestId("filter-sentiment")).ToHaveValueAsync("positive");

        await page.Page.GetByTestId("filter-clear").ClickAsync();
        await page.HasAddressAsync("/");
    }

    [Fact]
    public async Task The_dark_theme_is_dark_and_stays_over_a_reload()
    {
        await using var page = await fixture.OpenAsync();
        Assert.True(await BackgroundLightnessAsync(page) > 0.8);

        await page.Page.Locator("[data-theme-choice=dark]").ClickAsync();
        Assert.True(await BackgroundLightnessAsync(page) < 0.2);

        await page.Page.ReloadAsync();
        await page.BecomesInteractiveAsync();
        Assert.True(await BackgroundLightnessAsync(page) < 0.2);
        await Assertions.Expect(page.Page.Locator("[data-theme-choice=dark]")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task A_phone_360_pixels_wide_needs_no_sideways_scrolling()
    {
        await using var page = await fixture.OpenAsync(width: 360, height: 740);
        await page.BecomesInteractiveAsync();

        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.body.scrollWidth"));
        Assert.True(await page.Page.EvaluateAsync<bool>("""
            [...document.querySelectorAll("[data-testid=pause], [data-testid=filter-text], .virtual-rows [data-testid=score]")]
                .every(element => { const box = element.getBoundingClientRect(); return box.left >= 0 && box.right <= 360; })
            """));
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task The_feed_has_no_serious_accessibility_violation(string theme)
    {
        await using var page = await fixture.OpenAsync(height: 600);
        await page.BecomesInteractiveAsync();
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();
        await page.PauseButton.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("pill")).ToContainTextAsync("new");

        await page.AssertAccessibleAsync();
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task The_page_for_unknown_addresses_has_no_serious_accessibility_violation(string theme)
    {
        await using var page = await fixture.OpenAsync("/no-such-page");
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("Nothing here");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();

        await page.AssertAccessibleAsync();
        // Chromium notes the answer's status.
        Assert.Contains("404", Assert.Single(page.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sockets_and_a_page_see_the_same_posts()
    {
        await using var page = await fixture.OpenAsync(OneSubreddit);
        await page.BecomesInteractiveAsync();
        using var one = await LiveSocket.ConnectAsync(fixture.Standalone.BaseAddress);
        using var other = await LiveSocket.ConnectAsync(fixture.Standalone.BaseAddress);

        // What comes close together is one message, cut differently for each: the states are the same.
        // Both are read as they come: of what a client leaves lying for seconds the server keeps only so much.
        var (ofOne, ofOther) = (one.NextAsync(20), other.NextAsync(20));
        var posts = (await ofOther).SelectMany(LiveSocket.PostsOf).ToList();
        var read = new Queue<byte[]>(await ofOne);
        Assert.Equal(posts.Count, posts.DistinctBy(post => (post.Id, post.LastPolledAt)).Count());
        var awaited = posts.GroupBy(post => post.Id).ToDictionary(states => states.Key, states => states.Max(post => post.LastPolledAt));
        var seen = new Dictionary<string, DateTimeOffset>();
        while (awaited.Count > 0)
        {
            foreach (var post in LiveSocket.PostsOf(read.TryDequeue(out var message) ? message : await one.NextAsync()))
            {
                Assert.True(post.LastPolledAt > seen.GetValueOrDefault(post.Id));
                seen[post.Id] = post.LastPolledAt;
                if (awaited.TryGetValue(post.Id, out var state) && post.LastPolledAt >= state)
                    awaited.Remove(post.Id);
            }
        }

        var shown = posts.Where(post => post.Subreddit == "technology").OrderByDescending(post => post.CreatedAt).FirstOrDefault();
        while (shown is null)
            shown = LiveSocket.PostsOf(await one.NextAsync()).Where(post => post.Subreddit == "technology").MaxBy(post => post.CreatedAt);
        await Assertions.Expect(page.Page.Locator($".virtual-rows [data-post-id='{shown.Id}']")).ToBeVisibleAsync(new() { Timeout = 30_000 });
    }

    private static async Task<int> WaitingAsync(BrowserPage page) =>
        int.Parse(await page.Page.GetByTestId("pill").Locator("b").InnerTextAsync(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private static async Task AssertShowsOnlyPositiveNbaAsync(BrowserPage page)
    {
        await Eventually.TrueAsync(async () => await page.Rows.CountAsync() > 0);
        Assert.All(
            await page.Rows.EvaluateAllAsync<string[]>("""
                rows => rows.map(row => row.querySelector("[data-testid=subreddit]").innerText + " " + row.querySelector(".chip-word").textContent)
                """),
            row => Assert.Equal("r/nba positive", row));
    }

    /// <summary>0 (black) to 1 (white).</summary>
    private static Task<double> BackgroundLightnessAsync(BrowserPage page) => page.Page.EvaluateAsync<double>(
        "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765");
}
