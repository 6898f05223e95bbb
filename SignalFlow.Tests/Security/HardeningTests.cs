using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Web;
using SignalFlow.Web;

namespace SignalFlow.Tests.Security;

/// <summary>Small things that are easily lost.</summary>
public sealed partial class HardeningTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cookies_are_for_the_server_and_this_site_only()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey });
        await using var web = await WebApplicationUnderTest.StartAsync(api);

        using var form = await web.Browser.GetAsync("/sign-in", Cancel);
        using var signedIn = await web.SignInAsync(await api.AddUserAsync("viewer"), ApiApplication.Password);

        Assert.Contains("; samesite=strict; httponly", Assert.Single(form.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Contains("; samesite=lax; httponly", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_of_a_page_that_came_over_TLS_come_back_over_TLS_only()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey });
        // TLS is the proxy's work.
        await using var web = await WebApplicationUnderTest.StartAsync(api, new() { ["ForwardedHeaders_Enabled"] = "true" });
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = web.Address };
        browser.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        using var form = await browser.GetAsync("/sign-in", Cancel);
        var antiforgery = Assert.Single(form.Headers.GetValues("Set-Cookie"));
        using var sent = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Headers = { { "Cookie", antiforgery.Split(';')[0] } },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["__RequestVerificationToken"] = Token().Match(await form.Content.ReadAsStringAsync(Cancel)).Groups[1].Value,
                ["_handler"] = "sign-in",
                ["Input.Username"] = await api.AddUserAsync("viewer"),
                ["Input.Password"] = ApiApplication.Password,
            }),
        };
        using var signedIn = await browser.SendAsync(sent, Cancel);

        Assert.Contains("; secure; samesite=strict; httponly", antiforgery, StringComparison.Ordinal);
        Assert.Contains("; secure; samesite=lax; httponly", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https", "max-age=31536000")]
    [InlineData("http", "")]
    public async Task Who_came_over_TLS_is_told_to_stay_with_it(string scheme, string expected)
    {
        var context = new DefaultHttpContext { Request = { Scheme = scheme } };

        await new SecurityHeaders(_ => Task.CompletedTask).InvokeAsync(context);

        Assert.Equal(expected, context.Response.Headers.StrictTransportSecurity.ToString());
    }

    [Fact]
    public async Task A_name_is_one_line_in_its_order()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        foreach (var (path, rest) in ((string, string)[])[
            ("/api/account/keys/", "\"scopes\":[\"read\"]"), ("/api/account/searches/", "\"query\":\"q=a\""),
            ("/api/alerts/rules/", "\"kind\":\"query\",\"query\":\"a\""),
            ("/api/alerts/channels/", "\"kind\":\"webhook\",\"target\":\"https://hooks.example.org/\""),
        ])
        {
            foreach (var name in (string[])["two\nlines", "\u001b[31mred", "line\u2028separator", "\u202enwod edispu"])
                Assert.True(await StatusAsync(api, path, Named(name)) == HttpStatusCode.BadRequest, path);
            Assert.True((int)await StatusAsync(api, path, Named("A plain name, 👩‍🚀")) is 200 or 201, path);

            string Named(string name) => $"{{\"name\":{System.Text.Json.JsonSerializer.Serialize(name)},{rest}}}";
        }
    }

    [Fact]
    public void The_threat_model_names_tests_that_exist()
    {
        var tests = typeof(HardeningTests).Assembly.GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal)).ToLookup(type => type.Name);
        var last = "";
        var count = 0;
        foreach (var named in Named().Matches(File.ReadAllText(Path.Combine(Checkout.Folder, "docs", "security.md"))).ToList())
        {
            last = named.Groups[1].Value is "…" ? last : named.Groups[1].Value;
            Assert.Contains(tests[last], type => !named.Groups[2].Success || type.GetMethod(named.Groups[2].Value) is not null);
            count++;
        }

        Assert.True(count > 40);
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiApplication api, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await api.Client.PostAsync(path, content, Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex("`(?:(…|[A-Z][A-Za-z]+Tests)\\.?([A-Z][a-z0-9]*(?:_[A-Za-z0-9]+)+)?)`")]
    private static partial Regex Named();

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
