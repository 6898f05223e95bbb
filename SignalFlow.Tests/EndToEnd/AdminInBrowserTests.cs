using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;
using SignalFlow.Contracts;

namespace SignalFlow.Tests.EndToEnd;

[Collection(InBrowser.Collection)]
public sealed class AdminInBrowserTests(BrowserFixture fixture)
{
    private const string LongEnough = "a password for tests";

    // Ready is what the circuit has drawn with the API's answer.
    private static readonly (string Address, string Ready)[] Pages =
    [
        ("/admin/subreddits", "[data-testid=grid][data-state=ready]"),
        ("/admin/users", "[data-testid=users][data-state=ready]"),
        ("/admin/keys", "[data-testid=keys][data-state=ready]"),
        ("/admin/audit", "[data-testid=audit-entry]"),
        ("/account", "[data-testid=own-keys][data-state=ready]"),
        ("/setup", "[data-testid=step]"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task No_page_has_a_serious_accessibility_violation_or_is_wider_than_a_phone(string theme)
    {
        await using var page = await SignInAsync("/account");
        await page.Page.Locator($"[data-theme-choice={theme}]").ClickAsync();
        foreach (var (address, ready) in Pages)
        {
            await page.Page.SetViewportSizeAsync(1280, 900);
            await page.Page.GotoAsync(address);
            await Assertions.Expect(page.Page.Locator(ready).First).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await page.AssertAccessibleAsync();
            await page.Page.SetViewportSizeAsync(360, 740);
            Assert.Equal((address, 360), (address, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
            Assert.Equal((address, 360), (address, await page.Page.EvaluateAsync<int>("document.querySelector('main').scrollWidth")));
        }
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_asked_to_and_a_viewer_sees_what_is_not_for_viewers()
    {
        await using (var stranger = await fixture.OpenAsync("/admin/users"))
        {
            await Assertions.Expect(stranger.Page.GetByTestId("gate")).ToContainTextAsync("The list of users is for the role admin. Sign in");
            await stranger.Page.GotoAsync("/account");
            await stranger.HasAddressAsync("/sign-in?return=%2Faccount");
        }

        await AddUserAsync("vera", "viewer");
        await using var viewer = await SignInAsync("/admin/subreddits", "vera", LongEnough);
        foreach (var address in new[] { "/admin/subreddits", "/admin/users", "/admin/keys", "/admin/audit" })
        {
            await viewer.Page.GotoAsync(address);
            await Assertions.Expect(viewer.Page.GetByTestId("gate")).ToContainTextAsync("You are signed in as vera, who may not.");
        }

        await viewer.Page.GotoAsync("/account");
        await Assertions.Expect(viewer.Page.GetByTestId("scope-live")).ToBeVisibleAsync();
        await Assertions.Expect(viewer.Page.GetByTestId("scope-operate")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_subreddit_added_here_is_taken_up_within_a_minute()
    {
        await using var page = await OpenGridAsync();
        await page.Page.GetByLabel("Subreddit", new() { Exact = true }).FillAsync("r/aquariums");
        await page.Page.Keyboard.PressAsync("Enter");

        var row = page.Page.Locator("[data-testid=configured][data-name=aquariums]");
        await Assertions.Expect(row).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("toast")).ToContainTextAsync("r/aquariums is taken up", new() { Timeout = 60_000 });
        await Assertions.Expect(row).Not.ToHaveAttributeAsync("data-status", "pending");
        Assert.Equal(1, await fixture.Standalone.CountAsync("SELECT count(*) FROM subreddit_state WHERE name = 'aquariums' AND last_poll_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_subreddit_is_edited_by_keyboard_deleted_and_brought_back()
    {
        await using var page = await OpenGridAsync("?q=golf");
        var row = page.Page.Locator("[data-testid=configured][data-name=golf]");
        await row.GetByTestId("edit").FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(row.GetByTestId("edit-tier-field")).ToBeFocusedAsync();
        await row.GetByTestId("edit-interval-field").FillAsync("5");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(row.GetByTestId("edit-interval")).ToContainTextAsync("from 10 to 86400");
        await row.GetByTestId("edit-interval-field").FillAsync("45");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(row.GetByTestId("interval")).ToHaveTextAsync("45 s");

        await row.GetByTestId("delete").ClickAsync();
        await Assertions.Expect(row.GetByTestId("confirm-no")).ToBeFocusedAsync();
        await row.GetByTestId("confirm-yes").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("toast")).ToContainTextAsync("r/golf is deleted");
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await page.Page.GetByTestId("undo").ClickAsync();
        await Assertions.Expect(row.GetByTestId("interval")).ToHaveTextAsync("45 s");
        await page.Page.GetByTestId("dismiss").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("toast")).ToBeHiddenAsync();

        await page.Page.GotoAsync("/admin/audit?target=subreddit%3Agolf&action=subreddit.change");
        await Assertions.Expect(page.Page.GetByTestId("audit-entry").First).ToContainTextAsync("interval seconds");
        await Assertions.Expect(page.Page.GetByTestId("audit-entry").First.Locator("ins")).ToHaveTextAsync("45");
    }

    [Fact]
    public async Task More_lines_than_one_message_of_a_circuit_holds_can_be_pasted()
    {
        var csv = new StringBuilder("name,active\n");
        for (var number = 0; number < 3_000; number++)
            csv.Append(CultureInfo.InvariantCulture, $"imported_{number},false\n");
        csv.Append("not a name,false\n");
        Assert.True(csv.Length > 32 << 10);
        await using var page = await OpenGridAsync();
        await page.Page.GetByText("Import many from CSV").ClickAsync();
        // As pasted: Chromium takes minutes to have so many lines typed.
        await page.Page.GetByTestId("csv").EvaluateAsync("(area, text) => { area.value = text; }", csv.ToString());
        await page.Page.GetByTestId("csv-check").ClickAsync();

        await Assertions.Expect(page.Page.GetByTestId("import-report")).ToContainTextAsync("Would be added: 3,000, changed: 0, unchanged: 0, refused: 1");
        await Assertions.Expect(page.Page.GetByTestId("import-line").First).ToHaveAttributeAsync("data-result", "refused");
        Assert.Equal(0, await fixture.Standalone.CountAsync("SELECT count(*) FROM subreddit_config WHERE name LIKE 'imported%'"));
        await page.Page.GetByTestId("csv").FillAsync("name,active\nimported_once,false\n");
        await page.Page.GetByTestId("csv-check").ClickAsync();
        await page.Page.GetByTestId("csv-import").GetByText("Import 1").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("import-done")).ToHaveTextAsync("Imported.");
        await Assertions.Expect(page.Page.Locator("[data-testid=configured][data-name=imported_once]")).ToContainTextAsync("Paused");
    }

    [Fact]
    public async Task A_key_made_here_is_good_for_what_it_says_until_it_is_revoked()
    {
        await using var page = await SignInAsync("/account");
        await Assertions.Expect(page.Page.GetByTestId("own-keys")).ToHaveAttributeAsync("data-state", "ready");
        await page.Page.GetByTestId("key-name-field").FillAsync("browser test");
        await page.Page.GetByTestId("scope-operate").CheckAsync();
        await page.Page.GetByTestId("key-add").ClickAsync();
        var secret = await page.Page.GetByTestId("secret-text").InputValueAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/admin/subreddits/", secret));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/api/admin/users/", secret));
        await page.Page.ReloadAsync();
        var row = page.Page.Locator("[data-testid=key][data-name='browser test']");
        await Assertions.Expect(row).ToContainTextAsync("read, live, operate");
        await Assertions.Expect(page.Page.GetByTestId("secret")).ToHaveCountAsync(0);
        await row.GetByTestId("revoke").ClickAsync();
        await row.GetByTestId("confirm-yes").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("Revoked");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/admin/subreddits/", secret));
    }

    [Fact]
    public async Task A_new_password_ends_the_sign_in_and_is_asked_for_the_next_time()
    {
        await AddUserAsync("petra", "viewer");
        await using var page = await SignInAsync("/account", "petra", LongEnough);
        await FillPasswordsAsync(page, "not the present one", LongEnough + "!", LongEnough + "!");
        await Assertions.Expect(page.Page.GetByTestId("password-current")).ToHaveTextAsync("This is not the present password.");
        await FillPasswordsAsync(page, LongEnough, LongEnough + "!", LongEnough + "?");
        await Assertions.Expect(page.Page.GetByTestId("password-again")).ToHaveTextAsync("The two new passwords differ.");
        Assert.Equal(2, page.TakeErrors().Count(error => error.Contains("422", StringComparison.Ordinal)));
        await FillPasswordsAsync(page, LongEnough, LongEnough + "!", LongEnough + "!");
        await Assertions.Expect(page.Page.GetByTestId("sign-in-done")).ToContainTextAsync("Your password is changed.");

        await SubmitSignInAsync(page, "petra", LongEnough);
        await Assertions.Expect(page.Page.GetByTestId("sign-in-problem")).ToContainTextAsync("Name or password are not right");
        Assert.Contains(page.TakeErrors(), error => error.Contains("401", StringComparison.Ordinal));
        await SubmitSignInAsync(page, "petra", LongEnough + "!");
        await Assertions.Expect(page.Page.GetByTestId("account-name")).ToHaveTextAsync("petra");
        await page.Page.GetByTestId("user-menu").ClickAsync();
        await page.Page.GetByTestId("sign-out").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("sign-in-link")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_is_signed_out_elsewhere_is_asked_to_sign_in_again()
    {
        var user = await AddUserAsync("uma", "admin");
        await using var page = await SignInAsync("/admin/users", "uma", LongEnough);
        await Assertions.Expect(page.Page.GetByTestId("users")).ToHaveAttributeAsync("data-state", "ready");
        using var admin = await AdminAsync();
        using (var ended = await admin.DeleteAsync($"/api/admin/users/{user.Id}/sessions/", Cancel))
            ended.EnsureSuccessStatusCode();
        await page.Page.GetByTestId("user-name-field").FillAsync("nobody");
        await page.Page.GetByTestId("user-password-generate").ClickAsync();
        await page.Page.GetByTestId("user-add").ClickAsync();

        await Assertions.Expect(page.Page.GetByTestId("problem")).ToContainTextAsync("Your sign-in has ended. Sign in again");
        await page.Page.GetByText("Sign in again").ClickAsync();
        await page.HasAddressAsync("/sign-in?return=%2Fadmin%2Fusers");
    }

    private async Task<BrowserPage> OpenGridAsync(string query = "")
    {
        var page = await SignInAsync("/admin/subreddits" + query);
        await Assertions.Expect(page.Page.GetByTestId("grid")).ToHaveAttributeAsync("data-state", "ready", new() { Timeout = 30_000 });
        return page;
    }

    private async Task<BrowserPage> SignInAsync(string address, string name = "admin", string? password = null)
    {
        var page = await fixture.OpenAsync("/sign-in?return=" + Uri.EscapeDataString(address));
        await SubmitSignInAsync(page, name, password ?? await AdminPasswordAsync());
        await page.HasAddressAsync(address);
        return page;
    }

    private static async Task SubmitSignInAsync(BrowserPage page, string name, string password)
    {
        await page.Page.GetByLabel("Name").FillAsync(name);
        await page.Page.GetByLabel("Password").FillAsync(password);
        await page.Page.GetByTestId("sign-in").ClickAsync();
    }

    private static async Task FillPasswordsAsync(BrowserPage page, string current, string next, string again)
    {
        await page.Page.GetByLabel("Present password").FillAsync(current);
        await page.Page.GetByLabel("New password, at least 12 characters").FillAsync(next);
        await page.Page.GetByLabel("New password again").FillAsync(again);
        await page.Page.GetByTestId("password-save").ClickAsync();
    }

    private async Task<string> AdminPasswordAsync() =>
        (await File.ReadAllTextAsync(Path.Combine(fixture.Standalone.DataFolder, "admin-password"), Cancel)).Trim();

    /// <summary>The API's client of <c>admin</c>.</summary>
    private async Task<HttpClient> AdminAsync()
    {
        var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = fixture.Standalone.BaseAddress };
        using var answer = await client.PostAsJsonAsync(
            "/api/token/", new SignInRequest("admin", await AdminPasswordAsync()), ContractsJsonContext.Default.SignInRequest, Cancel);
        answer.EnsureSuccessStatusCode();
        var tokens = await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, Cancel);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens!.Access);
        return client;
    }

    private async Task<UserView> AddUserAsync(string name, string role)
    {
        using var admin = await AdminAsync();
        using var answer = await admin.PostAsJsonAsync("/api/admin/users/", new NewUser(name, role, LongEnough), ContractsJsonContext.Default.NewUser, Cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.UserView, Cancel))!;
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Api-Key", key } } };
        using var answer = await fixture.Standalone.HttpClient.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
