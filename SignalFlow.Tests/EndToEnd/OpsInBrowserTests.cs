using Microsoft.Playwright;

namespace SignalFlow.Tests.EndToEnd;

[Collection(WholeProgram.Collection)]
public sealed class OpsInBrowserTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task The_page_shows_trouble_first_and_has_no_serious_accessibility_violation(string theme)
    {
        await using var page = await OpenAsync("/ops");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();

        await Assertions.Expect(page.Page.GetByTestId("shard").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa");
        await Assertions.Expect(page.Page.GetByTestId("purge").First).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
    }

    [Fact]
    public async Task The_filter_goes_into_the_address_and_survives_a_refresh_and_a_reload()
    {
        await using var page = await OpenAsync("/ops");
        await page.Page.GetByTestId("status-filter").GetByText("Trouble").ClickAsync();
        await page.Page.WaitForURLAsync("**/ops?status=trouble");
        await Assertions.Expect(page.Page.GetByTestId("subreddit").GetByText("r/technology")).ToHaveCountAsync(0);

        var freshness = page.Page.GetByTestId("ops").GetByTestId("freshness");
        var shown = await freshness.InnerTextAsync();
        await Assertions.Expect(freshness).Not.ToHaveTextAsync(shown, new() { Timeout = 15_000 });
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa");
        await Assertions.Expect(page.Page.Locator("[data-testid=status-filter] [aria-current]")).ToContainTextAsync("Trouble");
    }

    [Fact]
    public async Task A_phone_360_pixels_wide_needs_no_sideways_scrolling_of_the_page()
    {
        await using var page = await OpenAsync("/ops", width: 360, height: 740);

        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(360, await page.Page.EvaluateAsync<int>("document.querySelector('main').scrollWidth"));
    }

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
        await Assertions.Expect(page.Page.GetByTestId("subreddit").First).ToHaveAttributeAsync("data-name", "nonexistent_aaa", new() { Timeout = 30_000 });
        return page;
    }
}
