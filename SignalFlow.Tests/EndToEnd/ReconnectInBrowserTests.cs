using System.Globalization;
using Microsoft.Playwright;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>What a viewer sees when the program goes away and comes back.</summary>
[Collection(InBrowser.Collection)]
public sealed class ReconnectInBrowserTests(BrowserFixture fixture)
{
    [Fact]
    public async Task A_page_says_that_it_is_cut_off_and_goes_on_when_the_program_is_back()
    {
        await using var page = await fixture.OpenAsync("/?subreddit=technology");
        await page.BecomesInteractiveAsync();
        await Assertions.Expect(page.Page.Locator("[data-testid=connection-state][data-state=live]")).ToBeVisibleAsync();
        var port = fixture.Standalone.BaseAddress.Port.ToString(CultureInfo.InvariantCulture);

        await fixture.Standalone.StopAsync();
        await Assertions.Expect(page.Page.GetByTestId("reconnect-notice")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(page.Page.Locator(".connection-circuit").First).ToBeVisibleAsync();

        await fixture.Standalone.StartAsync("--speed", "60", "--port", port);
        // The circuit was in the process that is gone: the page loads itself anew, at its address.
        await Assertions.Expect(page.Page.GetByTestId("reconnect-notice")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await page.BecomesInteractiveAsync();
        await Assertions.Expect(page.Page.Locator("[data-testid=connection-state][data-state=live]")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.EndsWith("/?subreddit=technology", page.Page.Url, StringComparison.Ordinal);
        // An attempt that began while nobody listened may end in an error at any time; a page that is opened now has none.
        page.AllowErrors();
        await using var next = await fixture.OpenAsync("/?subreddit=technology");
        await next.BecomesInteractiveAsync();
    }
}
