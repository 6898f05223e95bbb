using System.Globalization;
using Microsoft.Playwright;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

[Collection(InBrowser.Collection)]
public sealed class OpsInBrowserTests(BrowserFixture fixture)
{
    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task The_views_show_what_there_is_and_have_no_serious_accessibility_violation(string theme)
    {
        await using var page = await OpenAsync("/ops");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();

        await Assertions.Expect(page.Page.GetByTestId("shard").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa");
        await Assertions.Expect(Part(page, "Processing")).ToHaveAttributeAsync("data-state", "ok", new() { Timeout = 30_000 });
        await Assertions.Expect(Part(page, "PostgreSQL")).ToHaveAttributeAsync("data-state", "ok");
        // Of the two shards of the scene one is silent.
        await Assertions.Expect(Part(page, "Ingestion")).ToHaveAttributeAsync("data-state", "slow");
        await Assertions.Expect(page.Page.GetByTestId("partition")).ToHaveCountAsync(6);
        await Assertions.Expect(page.Page.GetByTestId("instance").First).ToHaveAttributeAsync("data-state", "running");
        await page.Page.Locator("summary", new() { HasText = "The same as a table" }).ClickAsync();
        await page.AssertAccessibleAsync();

        await page.Page.GetByTestId("views").GetByText("Storage").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("purge").First).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
        await page.Page.GoBackAsync();
        await Assertions.Expect(page.Page.GetByTestId("map")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task An_operator_replays_dead_letters_and_sees_them_resolved(string theme)
    {
        await PlantAsync();
        await using var page = await OpenAsync("/ops?view=dead-letters");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();
        // Who is not signed in is told so, and has the rest of the page.
        await Assertions.Expect(page.Page.GetByTestId("inbox")).ToHaveCountAsync(0);
        await page.AssertAccessibleAsync();
        await page.Page.GetByTestId("gate").GetByRole(AriaRole.Link).ClickAsync();
        await page.SignInAsync(fixture.Standalone);
        await page.HasAddressAsync("/ops?view=dead-letters");

        await page.Page.Locator("[name=error_class]").SelectOptionAsync("storage");
        await page.HasAddressAsync("/ops?view=dead-letters&error_class=storage");
        await page.Page.Locator("[name=state]").SelectOptionAsync("new");
        await page.HasAddressAsync("/ops?view=dead-letters&state=new&error_class=storage");
        // The simulated Reddit removes posts, whose letters are emptied.
        var first = Readable(page).First;
        var id = await first.GetAttributeAsync("data-id");
        await first.GetByTestId("open").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("payload")).ToContainTextAsync("\"subreddit\":", new() { Timeout = 30_000 });
        await page.AssertAccessibleAsync();
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Page.GetByTestId("payload")).ToBeVisibleAsync();

        await page.Page.GotoAsync("/ops?view=dead-letters&error_class=storage");
        var letter = page.Page.Locator($"[data-testid=dead-letter][data-id='{id}']");
        await letter.GetByTestId("replay-one").DblClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("outcome")).ToHaveTextAsync("1 dead letter replayed.", new() { Timeout = 30_000 });
        await Assertions.Expect(letter).ToHaveAttributeAsync("data-state", "resolved", new() { Timeout = 30_000 });
        Assert.Equal(1, await fixture.Standalone.CountAsync(
            "SELECT replay::bigint FROM dlq_events WHERE id = $1", long.Parse(id!, CultureInfo.InvariantCulture)));

        await page.Page.GetByTestId("replay-all").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("dry-run")).ToContainTextAsync("This would replay", new() { Timeout = 30_000 });
        await page.AssertAccessibleAsync();
        await page.Page.GetByTestId("confirm").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("outcome")).ToContainTextAsync("replayed.", new() { Timeout = 30_000 });
        await Assertions.Expect(page.Page.Locator("[data-testid=dead-letter][data-state=replaying]")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        // The page has the newest of them; others may have failed before the mend and come after the replay.
        await Eventually.TrueAsync(async () =>
            await fixture.Standalone.CountAsync("SELECT count(*) FROM dlq_events WHERE error_class = 'storage' AND replay > 0 AND state <> 'resolved'") == 0);
    }

    [Fact]
    public async Task The_filter_goes_into_the_address_and_survives_a_refresh_and_a_reload()
    {
        await using var page = await OpenAsync("/ops");
        await page.Page.GetByTestId("status-filter").GetByText("Trouble").ClickAsync();
        await page.HasAddressAsync("/ops?status=trouble");
        await Assertions.Expect(page.Page.GetByTestId("subreddit").GetByText("r/technology")).ToHaveCountAsync(0);

        var freshness = page.Page.GetByTestId("ops").GetByTestId("freshness");
        var shown = await freshness.InnerTextAsync();
        await Assertions.Expect(freshness).Not.ToHaveTextAsync(shown, new() { Timeout = 15_000 });
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa", new() { Timeout = 30_000 });
        await Assertions.Expect(page.Page.Locator("[data-testid=status-filter] [aria-current]")).ToContainTextAsync("Trouble");
    }

    [Fact]
    public async Task A_phone_360_pixels_wide_needs_no_sideways_scrolling_of_the_page()
    {
        await PlantAsync();
        await using var page = await OpenAsync("/ops", width: 360, height: 740);
        await AssertPageFitsAsync(page, 360);
        await page.Page.GotoAsync("/ops?view=storage");
        await Assertions.Expect(page.Page.GetByTestId("storage")).ToBeVisibleAsync();
        await AssertPageFitsAsync(page, 360);
        await page.Page.GotoAsync("/sign-in?return=%2Fops%3Fview%3Ddead-letters");
        await page.SignInAsync(fixture.Standalone);
        await Readable(page).First.GetByTestId("open").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("payload")).ToBeVisibleAsync();
        await page.Page.GetByTestId("select-page").CheckAsync();
        await AssertFitsAsync(page);
    }

    private static async Task AssertPageFitsAsync(BrowserPage page, int width)
    {
        await AssertFitsAsync(page);
        // The header is wider while it says that it connects.
        await Assertions.Expect(page.Page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = 30_000 });
        Assert.Equal(width, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(width, await page.Page.EvaluateAsync<int>("document.querySelector('main').scrollWidth"));
    }

    /// <summary>Nothing sticks out of the content, but for what scrolls by itself.</summary>
    private static async Task AssertFitsAsync(BrowserPage page) =>
        Assert.Empty(await page.Page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll(".ops *")]
              .filter(element => element.getBoundingClientRect().right > element.closest(".ops").getBoundingClientRect().right
                && !element.parentElement.closest(".ops-scroll, .ops-tabs ul"))
              .map(element => element.outerHTML.slice(0, 200))
            """));

    private static ILocator Part(BrowserPage page, string name) => page.Page.Locator($"[data-testid=part][data-name='{name}']");

    /// <summary>For a while the database refuses most posts, as after a faulty migration; then somebody has mended it.</summary>
    private async Task PlantAsync()
    {
        const string Waiting = "SELECT count(*) FROM dlq_events WHERE error_class = 'storage' AND state = 'new'";
        await fixture.Standalone.QueryAsync("ALTER TABLE posts ADD CONSTRAINT planted CHECK (title NOT LIKE '%e%') NOT VALID", _ => 0);
        await Eventually.TrueAsync(async () => await fixture.Standalone.CountAsync(Waiting) >= 5);
        await fixture.Standalone.QueryAsync("ALTER TABLE posts DROP CONSTRAINT planted", _ => 0);
    }

    private static ILocator Readable(BrowserPage page) => page.Page.GetByTestId("dead-letter").Filter(new() { HasNotText = "emptied" });

    private async Task<BrowserPage> OpenAsync(string address, int width = 1280, int height = 1600)
    {
        var page = await fixture.OpenAsync(address, width, height);
        // What a week of work leaves behind. The program's own ingestion polls, too: the simulated Reddit has no subreddit of the first name.
        await fixture.Standalone.QueryAsync("""
            INSERT INTO ingestion_shards VALUES
              (98, 99, 'host-a/4711', now() - interval '3 h', now(), 60, 58, 412.5, now() + interval '5 min', NULL, 'balanced', 1.5, 4711, 12,
               now() - interval '9 d', 'abc', now() - interval '2 h', now() - interval '23 h'),
              (97, 99, 'host-b/815', now() - interval '9 h', now() - interval '7 min', 60, 12, 9, now() - interval '2 min',
               now() + interval '90 s', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            ON CONFLICT DO NOTHING;
            INSERT INTO subreddit_config (name, priority) VALUES ('nonexistent_aaa', 'fast') ON CONFLICT DO NOTHING;
            INSERT INTO subreddit_state (
              name, shard_id, status, detail, status_since, last_poll_at, last_success_at, next_poll_at, posts_per_hour, requests_per_hour, gaps,
              backfilled_at, backfilled_posts, updated_at) VALUES
              ('nonexistent_aaa', 0, 'does_not_exist', NULL, now() - interval '5 h', now(), now() - interval '5 h', now() + interval '20 min', 4, 0.5, 0, NULL, NULL, now()),
              ('technology', 0, 'ok', NULL, now() - interval '5 h', now(), now(), now() + interval '40 s', 182, 12.5, 3, now() - interval '4 h', 960, now())
            ON CONFLICT DO NOTHING;
            UPDATE posts SET title = '[deleted]', author = NULL, purged_at = now(), purge_reason = (ARRAY['moderator', 'absent', 'deleted'])[1 + current_score % 3]
            WHERE id IN (SELECT id FROM posts ORDER BY id LIMIT 12) AND purged_at IS NULL AND current_score >= 0
            """, _ => 0);
        await Assertions.Expect(page.Page.Locator("[data-testid=ops][data-state=ready]")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        if (address == "/ops")
            await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa", new() { Timeout = 30_000 });
        return page;
    }
}
