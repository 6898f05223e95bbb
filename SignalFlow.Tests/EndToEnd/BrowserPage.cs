using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>A page as its viewer and the network see it. Closing it asserts that nothing failed in it and that it asked no other origin.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly ConcurrentQueue<string> _errors = [];
    private bool _errorsAreAllowed;

    private BrowserPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        context.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _errors.Enqueue($"{message.Text} ({message.Location})");
        };
    }

    public IPage Page { get; }

    public ILocator Rows => Page.Locator(".virtual-rows [data-testid=post-row]");

    public ILocator PauseButton => Page.GetByTestId("pause");

    /// <summary>Addresses of everything loaded and opened so far, sockets included.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>What comes from now on, or came before, is no fault of the page.</summary>
    public void AllowErrors() => _errorsAreAllowed = true;

    /// <summary>What the page is expected to complain about is taken off here.</summary>
    public IReadOnlyList<string> TakeErrors()
    {
        var errors = _errors.ToList();
        _errors.Clear();
        return errors;
    }

    public static async Task<BrowserPage> OpenAsync(IBrowserContext context, Uri origin, string address)
    {
        var page = new BrowserPage(context, await context.NewPageAsync()) { Origin = origin };
        await page.Page.GotoAsync(address);
        return page;
    }

    public required Uri Origin { get; init; }

    /// <summary>Waits until the feed is more than its first paint: rows are drawn by the circuit, and the keys are listened to.</summary>
    public async Task BecomesInteractiveAsync()
    {
        await Assertions.Expect(Rows.First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(Page.Locator(".first-paint")).ToHaveCountAsync(0);
    }

    /// <summary>
    /// Waits for an address below <see cref="Origin"/>; an asterisk stands for anything. It is asked for again and again: Playwright's WaitForURL first looks
    /// and then listens, and waits in vain for a change between the two.
    /// </summary>
    public Task HasAddressAsync(string address) => Assertions.Expect(Page).ToHaveURLAsync(
        new Regex($"^{Regex.Escape(Origin.GetLeftPart(UriPartial.Authority))}{Regex.Escape(address).Replace(@"\*", ".*", StringComparison.Ordinal)}$"),
        new() { Timeout = 30_000 });

    /// <summary>Fills in the form of the sign-in page, which is open, with the administrator's first password.</summary>
    public async Task SignInAsync(StandaloneProcess standalone)
    {
        await Page.Locator("[name='Input.Username']").FillAsync("admin");
        await Page.Locator("[name='Input.Password']").FillAsync(await standalone.AdminPasswordAsync());
        await Page.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("user-menu")).ToBeVisibleAsync();
    }

    /// <summary>The ids of the drawn rows, from the top.</summary>
    public async Task<string[]> RowIdsAsync() =>
        await Rows.EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.postId)");

    /// <summary>Waits for a condition on the page; <paramref name="script"/> is a JavaScript expression.</summary>
    public Task UntilAsync(string script) => Eventually.TrueAsync(() => Page.EvaluateAsync<bool>(script));

    public async Task AssertAccessibleAsync()
    {
        var result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes);
        Assert.Empty(result.Violations.Where(violation => violation.Impact is "serious" or "critical").Select(violation =>
            $"{violation.Id} ({violation.Impact}): {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html).Take(3))}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        if (!_errorsAreAllowed)
            Assert.Empty(_errors);
        Assert.All(_requests.Select(request => new Uri(request)).Where(request => request.Scheme is not ("data" or "blob" or "about")),
            request => Assert.Equal(Origin.Authority, request.Authority));
    }
}
