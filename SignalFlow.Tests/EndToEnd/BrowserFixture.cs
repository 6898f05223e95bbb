using Microsoft.Playwright;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>The program in full flow and one Chromium, for all tests in a browser. Without a Chromium the tests are skipped.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] UsualPlaces =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable", "/snap/bin/chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
    ];

    private readonly StandaloneProcess _standalone = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal StandaloneProcess Standalone => _standalone;

    public async ValueTask InitializeAsync()
    {
        if (Chromium() is not { } chromium)
            return;

        await _standalone.StartAsync("--speed", "60");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = Arguments });
    }

    /// <summary>Opens a page in a browser profile of its own.</summary>
    internal async Task<BrowserPage> OpenAsync(string address = "/", int width = 1280, int height = 1600)
    {
        Assert.SkipWhen(_browser is null, "No Chromium is found: install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.");
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = _standalone.BaseAddress.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = ColorScheme.Light,
        });
        return await BrowserPage.OpenAsync(context, _standalone.BaseAddress, address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _standalone.DisposeAsync();
    }

    private static string? Chromium() =>
        Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } given ? given : UsualPlaces.FirstOrDefault(File.Exists);
}
