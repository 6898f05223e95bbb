using System.Net;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using SignalFlow.Embedded;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;
using StackExchange.Redis;

namespace SignalFlow.Tests.Web;

/// <summary>Sign-in, sessions and what they open, through HTTP, against the API as it is.</summary>
public sealed class SignInTests(PostgresFixture postgres)
{
    private static readonly Dictionary<string, string?> Open = new() { ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey };
    private static readonly Dictionary<string, string?> Closed = new(Open) { ["Api:PublicRead"] = "false" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_signs_in_goes_where_it_wanted_and_signs_out()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("operator");
        await using var web = await WebApplicationUnderTest.StartAsync(api);

        using var answer = await web.SignInAsync(name, ApiApplication.Password, "/sign-in?return=%2Ftrending%3Fby%3Dscore");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith("/trending?by=score", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("signalflow=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("eyJ", cookie, StringComparison.Ordinal);
        Assert.Contains(name, await web.Browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
        Assert.Equal(1, await SessionsAsync(api));

        using var form = await web.SignOutAsync();
        Assert.Equal(HttpStatusCode.Redirect, form.StatusCode);
        Assert.DoesNotContain(name, await web.Browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await SessionsAsync(api));
    }

    [Fact]
    public async Task A_cookie_that_was_kept_is_worth_nothing_after_the_sign_out()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();
        var thief = new CookieContainer();
        thief.Add(web.Cookies.GetAllCookies());

        (await web.SignOutAsync()).Dispose();

        using var other = web.NewBrowser(thief);
        Assert.DoesNotContain(name, await other.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("/\t/elsewhere.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_to_another_site(string target)
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);

        using var answer = await web.SignInAsync(name, ApiApplication.Password, "/sign-in?return=" + Uri.EscapeDataString(target));

        var location = new Uri(web.Address, answer.Headers.Location!);
        Assert.Equal(new Uri(web.Address, "/"), location);
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_saying_what_was_wrong_and_guesses_are_limited()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);

        using var wrong = await web.SignInAsync(name, "not the password");
        using var unknown = await web.SignInAsync("nobody", "not the password");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Contains("Name or password are not right", await wrong.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        var last = HttpStatusCode.OK;
        for (var attempt = 0; attempt < 12 && last != HttpStatusCode.TooManyRequests; attempt++)
        {
            using var answer = await web.SignInAsync($"nobody{attempt}", "not the password");
            last = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
    }

    [Fact]
    public async Task Without_its_token_the_form_is_refused()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        using var form = new FormUrlEncodedContent([new("_handler", "sign-in"), new("Input.Username", name), new("Input.Password", ApiApplication.Password)]);

        using var answer = await web.Browser.PostAsync("/sign-in", form, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await SessionsAsync(api));

        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();
        using var signOut = await web.Browser.PostAsync("/sign-out", null, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        Assert.Contains(name, await web.Browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_reading_is_not_open_pages_ask_for_a_sign_in_and_circuits_are_refused()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var name = await api.AddUserAsync("viewer");
        await api.StoreAsync(api.Post("secret", title: "A title for members"));
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        Assert.NotEmpty(web.Services.GetRequiredService<PostFeed>().Posts);

        foreach (var page in (string[])["/", "/trending", "/posts/secret", "/search?q=title", "/subreddits", "/analytics", "/ops"])
        {
            using var refused = await web.Browser.GetAsync(page, Cancel);
            Assert.Equal((page, HttpStatusCode.Redirect), (page, refused.StatusCode));
            Assert.Equal("/sign-in?return=" + Uri.EscapeDataString(page), refused.Headers.Location!.ToString());
            Assert.DoesNotContain("members", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using var circuit = await web.Browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, circuit.StatusCode);
        using var asset = await web.Browser.GetAsync("/app.css", Cancel);
        Assert.Equal(HttpStatusCode.OK, asset.StatusCode);

        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();
        Assert.Contains("A title for members", await web.Browser.GetStringAsync("/", Cancel), StringComparison.Ordinal);
        Assert.Contains("A title for members", await web.Browser.GetStringAsync("/posts/secret", Cancel), StringComparison.Ordinal);
        using var opened = await web.Browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
    }

    [Fact]
    public async Task Twenty_that_need_a_new_token_at_once_make_one_refresh()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();
        var before = await TokensAsync(api);

        web.Time.Advance(TimeSpan.FromMinutes(59.5));
        api.Time.Advance(TimeSpan.FromMinutes(59.5));
        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => web.Browser.GetStringAsync("/search", Cancel)));

        // A second use of a refresh token would have ended the sign-in.
        Assert.All(pages, page => Assert.Contains("Saved searches", page, StringComparison.Ordinal));
        Assert.Equal(before + 1, await TokensAsync(api));
        Assert.Equal(1, await SessionsAsync(api));
    }

    [Fact]
    public async Task Users_of_the_ui_do_not_share_what_one_address_may()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new(Open) { ["Api:SignInsPerMinute"] = "1" });
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        var (gate, sessions) = (web.Services.GetRequiredService<SignInGate>(), web.Services.GetRequiredService<UserSessions>());
        var ids = new List<string>();
        for (var user = 0; user < 3; user++)
            ids.Add((await gate.EnterAsync(await api.AddUserAsync("viewer"), ApiApplication.Password, null, Cancel)).Session!.Id);

        web.Time.Advance(TimeSpan.FromMinutes(59.5));
        api.Time.Advance(TimeSpan.FromMinutes(59.5));

        foreach (var id in ids)
            Assert.NotNull(await sessions.TokenAsync(id, null, Cancel));
        foreach (var id in ids)
            await sessions.EndAsync(id, Cancel);
        Assert.Equal(0, await SessionsAsync(api));
    }

    [Fact]
    public async Task A_user_that_was_changed_goes_on_with_a_new_token_and_one_that_was_deactivated_does_not()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();

        await ChangeAsync(api, name, """{"role":"analyst"}""");
        Assert.Contains("None yet", await web.Browser.GetStringAsync("/search", Cancel), StringComparison.Ordinal);

        await ChangeAsync(api, name, """{"is_active":false}""");
        Assert.DoesNotContain("None yet", await web.Browser.GetStringAsync("/search", Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(name, await web.Browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_reading_is_not_open_a_user_that_was_deactivated_is_signed_out_within_half_a_minute()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var name = await api.AddUserAsync("viewer");
        await api.StoreAsync(api.Post("secret", title: "A title for members"));
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();

        await ChangeAsync(api, name, """{"role":"analyst"}""");
        web.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Contains("A title for members", await web.Browser.GetStringAsync("/", Cancel), StringComparison.Ordinal);

        await ChangeAsync(api, name, """{"is_active":false}""");
        web.Time.Advance(TimeSpan.FromSeconds(31));
        using var refused = await web.Browser.GetAsync("/", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        Assert.Equal("/sign-in?return=%2F", refused.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Where_reading_is_not_open_a_page_that_stays_open_shows_a_user_that_was_deactivated_nothing_after_half_a_minute()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        var (_, session) = await web.Services.GetRequiredService<SignInGate>().EnterAsync(name, ApiApplication.Password, null, Cancel);
        var sessions = web.Services.GetRequiredService<UserSessions>();
        var reading = new ReadingCheck(
            web.Services.GetRequiredService<ReadingAccess>(), new CurrentUser(new Viewer(WebAccess.PrincipalOf(session!)), sessions), sessions);
        Assert.True(await reading.MayReadAsync());

        await ChangeAsync(api, name, """{"is_active":false}""");
        web.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.False(await reading.MayReadAsync());
    }

    [Fact]
    public async Task An_api_that_is_away_signs_nobody_out()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var name = await api.AddUserAsync("viewer");
        await api.StoreAsync(api.Post("secret", title: "A title for members"));
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        (await web.SignInAsync(name, ApiApplication.Password)).Dispose();

        await api.StopAsync();
        web.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Contains("A title for members", await web.Browser.GetStringAsync("/", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_page_reads_after_its_sign_in_has_ended_is_not_read_with_the_key_of_the_ui()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var name = await api.AddUserAsync("viewer");
        await using var web = await WebApplicationUnderTest.StartAsync(api);
        var (_, session) = await web.Services.GetRequiredService<SignInGate>().EnterAsync(name, ApiApplication.Password, null, Cancel);
        var page = new ApiClient(
            web.Services.GetRequiredService<IHttpClientFactory>(),
            new CurrentUser(new Viewer(WebAccess.PrincipalOf(session!)), web.Services.GetRequiredService<UserSessions>()));
        await page.GetNewestAsync(1, Cancel);
        await ChangeAsync(api, name, """{"is_active":false}""");

        for (var read = 1; read <= 2; read++)
            Assert.True((await Assert.ThrowsAsync<ApiException>(() => page.GetNewestAsync(1, Cancel))).NeedsSignIn, $"read {read}");
    }

    [Fact]
    public async Task With_redis_a_sign_in_outlives_the_process_and_redis_has_nothing_that_opens_it()
    {
        using var redis = EmbeddedRedis.Start();
        await using var database = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        Dictionary<string, string?> settings = new() { ["ConnectionStrings:redis"] = redis.ConnectionString };
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        var cookies = new CookieContainer();
        await using (var first = await WebApplicationUnderTest.StartAsync(api, settings))
        {
            (await first.SignInAsync(name, ApiApplication.Password)).Dispose();
            cookies.Add(first.Cookies.GetAllCookies());
        }

        await using var second = await WebApplicationUnderTest.StartAsync(api, settings);
        using var browser = second.NewBrowser(cookies);
        Assert.Contains(name, await browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
        Assert.Contains("None yet", await browser.GetStringAsync("/search", Cancel), StringComparison.Ordinal);
        var kept = Assert.Single(await database.GetDatabase().ListRangeAsync(SealedKeyRing.Name));
        Assert.DoesNotContain("<key", Encoding.Latin1.GetString((byte[])kept!), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task With_another_key_of_the_ui_everybody_signs_in_again_and_a_key_that_somebody_else_put_into_redis_is_none()
    {
        using var redis = EmbeddedRedis.Start();
        await using var database = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        Dictionary<string, string?> settings = new() { ["ConnectionStrings:redis"] = redis.ConnectionString };
        await using var api = await ApiApplication.StartAsync(postgres, settings: Open);
        var name = await api.AddUserAsync("viewer");
        var cookies = new CookieContainer();
        await using (var first = await WebApplicationUnderTest.StartAsync(api, settings))
        {
            (await first.SignInAsync(name, ApiApplication.Password)).Dispose();
            cookies.Add(first.Cookies.GetAllCookies());
        }

        using var folder = new TemporaryFolder();
        var planted = DataProtectionProvider.Create(new DirectoryInfo(folder.Path));
        planted.CreateProtector("x").Protect("x");
        foreach (var file in Directory.GetFiles(folder.Path))
            await database.GetDatabase().ListRightPushAsync(SealedKeyRing.Name, await File.ReadAllTextAsync(file, Cancel));

        const string Other = "another secret of the ui, and of the api";
        await using var otherApi = await ApiApplication.StartAsync(postgres, settings: new(Open) { ["Api:ServiceKey"] = Other }, database: api.Database);
        await using var second = await WebApplicationUnderTest.StartAsync(otherApi, new(settings) { ["Web:ApiKey"] = Other });
        using var browser = second.NewBrowser(cookies);
        Assert.DoesNotContain(name, await browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
        Assert.Single(second.Services.GetRequiredService<IKeyManager>().GetAllKeys());
        (await second.SignInAsync(name, ApiApplication.Password)).Dispose();
        Assert.Contains(name, await second.Browser.GetStringAsync("/about", Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("viewer", "viewer")]
    [InlineData("operator", "viewer,analyst,operator")]
    [InlineData("admin", "viewer,analyst,operator,admin")]
    [InlineData("someone", "")]
    public void A_role_grants_those_below_it(string role, string granted) => Assert.Equal(granted, string.Join(',', UserRoles.Granted(role)));

    /// <summary>What an administrator does to a user.</summary>
    private static async Task ChangeAsync(ApiApplication api, string name, string change)
    {
        using var admin = await api.ClientAsAsync("admin");
        var id = (await api.Database.TextsAsync($"SELECT id::text FROM users WHERE user_name = '{name}'")).Single();
        using var body = new StringContent(change, Encoding.UTF8, "application/json");
        using var answer = await admin.PatchAsync($"/api/admin/users/{id}/", body, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sign-ins that go on.</summary>
    private static async Task<int> SessionsAsync(ApiApplication api) => (await api.Database.TextsAsync(
        "SELECT DISTINCT family::text FROM refresh_tokens WHERE used_at IS NULL AND revoked_at IS NULL")).Count;

    private static async Task<int> TokensAsync(ApiApplication api) => (await api.Database.TextsAsync(
        "SELECT encode(token_hash, 'hex') FROM refresh_tokens")).Count;

    /// <summary>Whoever was signed in when the page began.</summary>
    private sealed class Viewer(ClaimsPrincipal principal) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(principal));
    }
}
