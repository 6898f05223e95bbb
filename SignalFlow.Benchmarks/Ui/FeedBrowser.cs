using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace SignalFlow.Benchmarks.Ui;

/// <summary>The feed in a real Chromium: what its first view costs, when commits show in the document, how often it changes and what it keeps.</summary>
internal sealed class FeedBrowser : IAsyncDisposable
{
    // Counts a frame in which rows or figures changed as one render, and the age of the newest commit that the document shows.
    private const string Watch = """
        (() => {
          const mark = /committed at (\d{13})/g;
          window.feedSight = []; window.feedRenders = 0;
          let newest = 0;
          new MutationObserver(() => {
            window.feedRenders++;
            const now = Date.now();
            let seen = newest;
            for (const title of document.querySelectorAll(".virtual-rows [data-testid=post-title]")) {
              for (const found of title.textContent.matchAll(mark)) seen = Math.max(seen, Number(found[1]));
            }
            if (seen > newest) { newest = seen; window.feedSight.push(now - seen); }
          }).observe(document.querySelector("[data-testid=feed]"), { subtree: true, childList: true, characterData: true, attributes: true });
        })()
        """;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly ICDPSession _tools;
    private readonly ConcurrentQueue<string> _errors = [];
    private readonly List<long> _heap = [];
    private readonly List<long> _nodes = [];
    private long _transferred;

    private FeedBrowser(IPlaywright playwright, IBrowser browser, IPage page, ICDPSession tools) =>
        (_playwright, _browser, Page, _tools) = (playwright, browser, page, tools);

    private IPage Page { get; }

    private double FirstViewMs { get; set; }

    private long FirstViewBytes { get; set; }

    public static async Task<FeedBrowser> OpenAsync(Uri web)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } path ? path : "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var tools = await page.Context.NewCDPSessionAsync(page);
        var feed = new FeedBrowser(playwright, browser, page, tools);
        await tools.SendAsync("Network.enable");
        await tools.SendAsync("Performance.enable");
        tools.Event("Network.loadingFinished").OnEvent += (_, data) =>
            Interlocked.Add(ref feed._transferred, (long)(data?.GetProperty("encodedDataLength").GetDouble() ?? 0));
        page.PageError += (_, error) => feed._errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                feed._errors.Enqueue(message.Text);
        };
        await page.GotoAsync(new Uri(web, "/").ToString());
        feed.FirstViewMs = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
        await page.Locator(".virtual-rows [data-testid=post-row]").First.WaitForAsync();
        feed.FirstViewBytes = Interlocked.Read(ref feed._transferred);
        await page.EvaluateAsync(Watch);
        return feed;
    }

    /// <summary>Counts from here on.</summary>
    public Task StartAsync() => Page.EvaluateAsync("() => { window.feedSight = []; window.feedRenders = 0; }");

    /// <summary>Notes what the page keeps after a collection.</summary>
    public async Task LookAsync()
    {
        await _tools.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await _tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetDouble());
        _heap.Add((long)metrics["JSHeapUsedSize"]);
        _nodes.Add((long)metrics["Nodes"]);
    }

    public async Task<BrowserFigures> FiguresAsync(double seconds) => new(
        FirstViewMs, FirstViewBytes, await Page.EvaluateAsync<double>("window.feedRenders") / seconds,
        SightFigures.Of(await Page.EvaluateAsync<double[]>("window.feedSight")), _heap, _nodes, [.. _errors]);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
