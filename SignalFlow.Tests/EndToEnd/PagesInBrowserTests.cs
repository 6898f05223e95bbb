using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>The pages beside the feed, in a browser, on a program in full flow.</summary>
[Collection(InBrowser.Collection)]
public sealed partial class PagesInBrowserTests(BrowserFixture fixture)
{
    private const string Addresses =
        "/trending /trending?by=momentum /search?q=new /about /sign-in /setup /subreddits /subreddits/technology /compare?subreddits=technology,science /analytics";

    public static TheoryData<string> Pages => [.. Addresses.Split(' ')];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_has_one_heading_and_in_no_theme_a_serious_accessibility_violation(string address)
    {
        await using var page = await fixture.OpenAsync(address);
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Page.Locator(".skeleton")).ToHaveCountAsync(0);
        foreach (var theme in (string[])["light", "dark"])
        {
            await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();
            await page.AssertAccessibleAsync();
        }

        Assert.EndsWith("SignalFlow", await page.Page.TitleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_phone_360_pixels_wide_needs_no_sideways_scrolling(string address)
    {
        await using var page = await fixture.OpenAsync(address, width: 360, height: 740);
        await Assertions.Expect(page.Page.Locator(".skeleton")).ToHaveCountAsync(0);
        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.querySelector('main').scrollWidth"));
    }

    [Fact]
    public async Task Subreddits_are_compared_and_analysed_over_a_range_that_stands_in_the_address()
    {
        await using var page = await fixture.OpenAsync("/subreddits");
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "r/technology", Exact = true }).First.ClickAsync();
        await page.HasAddressAsync("/subreddits/technology");
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("r/technology");
        await Assertions.Expect(page.Page.Locator("figure.chart-frame").First).ToBeVisibleAsync();

        await page.Page.GotoAsync("/analytics");
        await page.Page.Locator("a[href*='range=7d']").First.ClickAsync();
        await page.HasAddressAsync("*range=7d*");
        await Assertions.Expect(page.Page.GetByTestId("volume")).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Page.GetByTestId("volume").Locator(".chart-summary")).ToContainTextAsync("Posts per");
        await page.Page.GetByTestId("volume").GetByText("View as table").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("volume").Locator("tbody tr").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task By_keyboard_alone_one_goes_from_the_feed_to_a_post_and_back()
    {
        await using var page = await fixture.OpenAsync("/?subreddit=technology");
        await page.BecomesInteractiveAsync();
        await Assertions.Expect(page.Page.GetByTestId("feed")).ToHaveAttributeAsync("data-held", "false");

        await page.Page.Keyboard.PressAsync("j");
        await page.Page.Keyboard.PressAsync("j");
        // The row that one stands on does not move away.
        await Assertions.Expect(page.Page.GetByTestId("feed")).ToHaveAttributeAsync("data-held", "true");
        var id = await page.Page.EvaluateAsync<string>("document.activeElement.closest('[data-post-id]').dataset.postId");
        var title = await page.Page.EvaluateAsync<string>("document.activeElement.innerText");
        await page.Page.Keyboard.PressAsync("Enter");

        await page.HasAddressAsync($"/posts/{id}");
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync(title);
        // Alt and the left arrow are the browser's own, which a headless one does not have.
        await page.Page.GoBackAsync();
        await page.HasAddressAsync("/?subreddit=technology");
        await page.BecomesInteractiveAsync();
        await Assertions.Expect(page.Page.GetByTestId("subreddit-picker")).ToContainTextAsync("r/technology");
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task A_post_shows_its_curves_and_every_observation(string theme)
    {
        var id = await ObservedPostAsync(observations: 5);
        await using var page = await fixture.OpenAsync($"/posts/{id}");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();

        await Assertions.Expect(page.Page.GetByTestId("score-chart")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("score-chart").Locator(".chart-summary")).ToContainTextAsync("Score: ");
        Assert.True(await page.Page.GetByTestId("observations").Locator("tbody tr").CountAsync() >= 5);
        await page.AssertAccessibleAsync();
    }

    [Fact]
    public async Task A_post_page_goes_on_by_itself()
    {
        var id = await ObservedPostAsync(observations: 3);
        await using var page = await fixture.OpenAsync($"/posts/{id}");
        var rows = page.Page.GetByTestId("observations").Locator("tbody tr");
        var before = await rows.CountAsync();
        await fixture.Standalone.QueryAsync($"""
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments)
            SELECT id, last_polled_at - interval '1 millisecond', subreddit_id, 4711, 1 FROM posts WHERE id = '{id}' ON CONFLICT DO NOTHING
            """, _ => 0);

        await Assertions.Expect(page.Page.GetByTestId("observations")).ToContainTextAsync("4,711", new() { Timeout = 40_000 });
        Assert.True(await rows.CountAsync() > before);
    }

    [Fact]
    public async Task A_purged_post_says_so_and_shows_nothing_of_its_content()
    {
        var id = await ObservedPostAsync(observations: 2);
        await fixture.Standalone.QueryAsync($"""
            UPDATE posts SET title = '[deleted]', author = NULL, url = NULL, permalink = NULL, purged_at = now(), purge_reason = 'moderator' WHERE id = '{id}';
            DELETE FROM post_nlp_features WHERE post_id = '{id}'
            """, _ => 0);
        await using var page = await fixture.OpenAsync($"/posts/{id}");

        await Assertions.Expect(page.Page.GetByTestId("purged")).ToContainTextAsync("by a moderator of the subreddit");
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("[deleted]");
        await Assertions.Expect(page.Page.Locator(".keyword")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_unknown_post_says_so()
    {
        await using var page = await fixture.OpenAsync("/posts/nosuchpost");
        await Assertions.Expect(page.Page.Locator("h1")).ToHaveTextAsync("No such post");
        Assert.Contains("404", Assert.Single(page.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ranking_gives_its_reasons_and_leads_to_the_post()
    {
        await using var page = await fixture.OpenAsync("/trending?by=momentum");
        var first = page.Page.GetByTestId("ranking-item").First;
        await Assertions.Expect(first.GetByTestId("reason")).ToContainTextAsync("points a minute");
        Assert.Matches("^(new|rising|steady|slowing|falling)$", await first.GetByTestId("movement").InnerTextAsync());

        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Velocity", Exact = true }).ClickAsync();
        await page.HasAddressAsync("/trending?by=velocity");
        await page.Page.GetByTestId("ranking-item").First.Locator(".ranking-title a").First.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("post")).ToBeVisibleAsync();
        await page.Page.GoBackAsync();
        await Assertions.Expect(page.Page.GetByTestId("ranking")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_search_marks_its_words_pages_and_names_what_is_wrong()
    {
        await using var page = await fixture.OpenAsync("/search");
        await page.Page.GetByRole(AriaRole.Searchbox).FillAsync("new or study");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.HasAddressAsync("/search?q=new*");
        await Assertions.Expect(page.Page.Locator(".result mark").First).ToBeVisibleAsync();
        var marks = await page.Page.Locator(".result mark").AllInnerTextsAsync();
        Assert.NotEmpty(marks);
        Assert.All(marks, mark => Assert.Matches(Marked(), mark));

        var first = await page.Page.GetByTestId("result").First.GetAttributeAsync("data-post-id");
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("result").First).Not.ToHaveAttributeAsync("data-post-id", first!);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Previous page" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("result").First).ToHaveAttributeAsync("data-post-id", first!);

        await page.Page.GotoAsync("/search?q=new&sort=luck");
        await Assertions.Expect(page.Page.GetByTestId("search-errors")).ToContainTextAsync("sort must be");
    }

    [Fact]
    public async Task A_signed_in_user_saves_a_search_and_removes_it()
    {
        await using var page = await fixture.OpenAsync("/search?q=study");
        await Assertions.Expect(page.Page.GetByTestId("saved-searches")).ToHaveCountAsync(0);
        await page.Page.GetByTestId("sign-in-link").ClickAsync();
        await page.SignInAsync(fixture.Standalone);
        await page.HasAddressAsync("/search?q=study");

        await page.Page.Locator("[name=SaveName]").FillAsync("Studies of all kinds");
        await page.Page.GetByTestId("save-search").ClickAsync();
        var saved = page.Page.GetByTestId("saved-search");
        await Assertions.Expect(saved).ToHaveTextAsync("Studies of all kinds");
        await page.Page.GotoAsync("/search");
        await saved.ClickAsync();
        await page.HasAddressAsync("/search?q=study");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the saved search Studies of all kinds" }).ClickAsync();
        await Assertions.Expect(saved).ToHaveCountAsync(0);
    }

    /// <summary>A post of the running program that has been looked at so often.</summary>
    private async Task<string> ObservedPostAsync(int observations)
    {
        string? id = null;
        await Eventually.TrueAsync(async () => (id = (await fixture.Standalone.QueryAsync("""
            SELECT post_id FROM post_metrics_history history JOIN posts ON posts.id = post_id
            WHERE purged_at IS NULL AND NOT over_18 GROUP BY post_id HAVING count(*) >= $1 ORDER BY max(captured_at) DESC, random() LIMIT 1
            """, row => row.GetString(0), observations)).SingleOrDefault()) is not null);
        return id!;
    }

    [GeneratedRegex("^(new|study|studies|studied|news)$", RegexOptions.IgnoreCase)]
    private static partial Regex Marked();
}
