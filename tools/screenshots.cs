#:package Microsoft.Playwright
#:property PublishAot=false

// Takes a picture of every page of the UI, light and dark, as wide as a desk, a desk at 200 % and a phone, of a SignalFlow that runs and has had some
// minutes to fill.
//
//   dotnet run tools/screenshots.cs -- http://localhost:8080 FOLDER [PASSWORD of admin]
//
// Needs Chromium (CHROMIUM_PATH, or /usr/bin/chromium). Says which page is wider than its window and which one complains in the console.
using Microsoft.Playwright;

if (args is not [var origin, var folder, ..])
{
    Console.Error.WriteLine("dotnet run tools/screenshots.cs -- http://localhost:8080 FOLDER [PASSWORD of admin]");
    return 1;
}

var password = args is [_, _, var given, ..] ? given : null;
Directory.CreateDirectory(folder);
using var playwright = await Playwright.CreateAsync();
await using var browser = await playwright.Chromium.LaunchAsync(new()
{
    ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? "/usr/bin/chromium",
    Args = ["--no-sandbox"],
});
var complaints = 0;
foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
{
    foreach (var (device, width, height) in new[] { ("desk", 1440, 900), ("zoomed", 720, 450), ("phone", 360, 740) })
    {
        await using var context = await browser.NewContextAsync(
            new() { BaseURL = origin, ColorScheme = theme, ViewportSize = new() { Width = width, Height = height } });
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // The page that is not there says so by its status, which Chromium reports.
            if (message.Type is "error" or "warning" && !message.Text.Contains("404 (Not Found)", StringComparison.Ordinal))
                Complain($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => Complain($"{page.Url}: {error}");
        if (password is not null)
            await SignInAsync(page);
        foreach (var (name, address) in await PagesAsync(page))
        {
            await page.GotoAsync(address);
            // Islands draw their first rows, and what is streamed arrives.
            await page.WaitForTimeoutAsync(2_500);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{theme}-{device}.png".ToLowerInvariant()), FullPage = false });
            var used = await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)");
            if (used > width)
                Complain($"{address} is {used} pixels wide in a window of {width}");
        }
    }
}

return complaints == 0 ? 0 : 2;

async Task SignInAsync(IPage page)
{
    await page.GotoAsync("/sign-in");
    await page.Locator("[name='Input.Username']").FillAsync("admin");
    await page.Locator("[name='Input.Password']").FillAsync(password!);
    await page.GetByTestId("sign-in").ClickAsync();
    await page.GetByTestId("user-menu").WaitForAsync();
}

// A post, a subreddit and a search that have something to show.
async Task<IReadOnlyList<(string Name, string Address)>> PagesAsync(IPage page)
{
    await page.GotoAsync("/trending?by=momentum");
    var post = await page.Locator(".ranking-title a").First.GetAttributeAsync("href");
    var subreddit = await page.Locator(".ranking-meta .subreddit").First.GetAttributeAsync("href");
    await page.GotoAsync("/stories");
    var story = await page.Locator(".ranking-title a").First.GetAttributeAsync("href");
    return
    [
        ("feed", "/"), ("feed-filtered", "/?subreddit=technology,science&sort=score"),
        ("trending", "/trending"), ("trending-momentum", "/trending?by=momentum"),
        ("post", "/" + post), ("stories", "/stories"), ("story", "/" + story), ("signals", "/signals"), ("subreddits", "/subreddits"),
        ("subreddit", "/" + subreddit), ("compare", "/compare?subreddits=technology,science,worldnews"),
        ("analytics", "/analytics"), ("search", "/search?q=new"), ("search-empty", "/search"), ("about", "/about"), ("setup", "/setup"), ("ops", "/ops"),
        ("ops-dead-letters", "/ops?view=dead-letters"), ("sign-in", "/sign-in"), ("not-found", "/no-such-page"),
        .. password is null
            ? Array.Empty<(string, string)>()
            :
            [
                ("account", "/account"), ("alerts", "/alerts"), ("alert-rules", "/alerts/rules"), ("alert-rule", "/alerts/rules/new?kind=surge"),
                ("alert-channels", "/alerts/channels"), ("admin-subreddits", "/admin/subreddits"), ("admin-users", "/admin/users"),
                ("admin-keys", "/admin/keys"), ("admin-audit", "/admin/audit")
            ],
    ];
}

void Complain(string what)
{
    complaints++;
    Console.Error.WriteLine(what);
}
