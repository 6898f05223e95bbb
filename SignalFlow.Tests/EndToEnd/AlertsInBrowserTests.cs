using Microsoft.Playwright;

namespace SignalFlow.Tests.EndToEnd;

[Collection(InBrowser.Collection)]
public sealed class AlertsInBrowserTests(BrowserFixture fixture)
{
    // Ready is what the circuit has drawn with the API's answer.
    private static readonly (string Address, string Ready)[] Pages =
    [
        ("/alerts", "[data-testid=alerts][data-state=ready]"),
        ("/alerts/rules", "[data-testid=rule]"),
        ("/alerts/rules/new?kind=surge", "[data-testid=rule-editor][data-state=ready]"),
        ("/alerts/channels", "[data-testid=channels][data-state=ready]"),
    ];

    [Fact]
    public async Task A_search_becomes_a_rule_that_is_tried_and_saved_on_pages_that_everybody_can_use()
    {
        await using var page = await fixture.OpenAsync("/search?q=new+or+study");
        await page.Page.GetByTestId("alert-me").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("gate")).ToContainTextAsync("Having rules is for the role analyst.");
        await page.Page.GetByTestId("gate").GetByRole(AriaRole.Link).ClickAsync();
        await page.SignInAsync(fixture.Standalone);
        await page.HasAddressAsync("/alerts/rules/new?kind=query&name=new*");
        await Assertions.Expect(page.Page.GetByTestId("rule-query-field")).ToHaveValueAsync("new OR study");

        // A slip first: the API says where it is.
        await page.Page.GetByTestId("rule-query-field").FillAsync("(new OR study");
        await page.Page.GetByTestId("try").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("rule-query")).ToHaveTextAsync("Character 1: The parenthesis is not closed.");
        await Assertions.Expect(page.Page.GetByTestId("rule-query-field")).ToBeFocusedAsync();
        await page.Page.GetByTestId("rule-query-field").FillAsync("new OR study");
        await page.Page.GetByTestId("try").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("preview-summary")).ToContainTextAsync("in the last 7 days.", new() { Timeout = 15_000 });
        await Assertions.Expect(page.Page.GetByTestId("preview-match").First).ToBeVisibleAsync();

        await page.Page.GetByTestId("rule-name-field").FillAsync("Studies");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.HasAddressAsync("/alerts/rules");
        var rule = page.Page.Locator("[data-testid=rule][data-name=Studies]");
        await Assertions.Expect(rule.GetByTestId("rule-looks")).ToHaveTextAsync("new OR study");
        await AssertUsableAsync(page);
    }

    private static async Task AssertUsableAsync(BrowserPage page)
    {
        foreach (var (address, ready) in Pages)
        {
            await page.Page.SetViewportSizeAsync(1280, 900);
            await page.Page.GotoAsync(address);
            await Assertions.Expect(page.Page.Locator(ready).First).ToBeVisibleAsync();
            foreach (var theme in (string[])["light", "dark"])
            {
                await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();
                await page.AssertAccessibleAsync();
            }

            await page.Page.SetViewportSizeAsync(360, 740);
            Assert.Equal((address, 360), (address, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
            Assert.Equal((address, 360), (address, await page.Page.EvaluateAsync<int>("document.querySelector('main').scrollWidth")));
        }
    }
}
