using System.Net;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Web;
using SignalFlow.Web;
using SignalFlow.Web.Access;

namespace SignalFlow.Tests.Security;

/// <summary>Small things that are easily lost.</summary>
public sealed class HardeningTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cookies_are_for_the_server_only_for_this_site_and_for_TLS_where_the_page_came_so()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey });
        await using var web = await WebApplicationUnderTest.StartAsync(api);

        using var form = await web.Browser.GetAsync("/sign-in", Cancel);
        using var signedIn = await web.SignInAsync(await api.AddUserAsync("viewer"), ApiApplication.Password);

        Assert.Contains("; samesite=strict; httponly", Assert.Single(form.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Contains("; samesite=lax; httponly", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal(CookieSecurePolicy.SameAsRequest, web.Services.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.Cookie.SecurePolicy);
        Assert.Equal(
            CookieSecurePolicy.SameAsRequest,
            web.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(WebAccess.Scheme).Cookie.SecurePolicy);
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

    [Theory]
    [InlineData("/api/account/keys/", """{"name":"x","scopes":["read"],"user_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("/api/account/searches/", """{"name":"x","query":"q=a","user_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("/api/account/password", """{"old_password":"x","new_password":"a new password","role":"admin"}""")]
    [InlineData("/api/alerts/rules/", """{"name":"x","kind":"query","query":"a","user_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("/api/alerts/channels/", """{"name":"x","kind":"webhook","target":"https://hooks.example.org/","user_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("/api/token/", """{"username":"x","password":"y","role":"admin"}""")]
    public async Task A_field_that_is_not_for_the_caller_to_set_is_refused(string path, string body)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await api.Client.PostAsync(path, content, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\u001b[31mred")]
    [InlineData("line\u2028separator")]
    [InlineData("\u202enwod edispu")]
    public async Task A_name_is_one_line_in_its_order(string name)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        foreach (var (path, rest) in ((string, string)[])[
            ("/api/account/keys/", "\"scopes\":[\"read\"]"), ("/api/account/searches/", "\"query\":\"q=a\""), ("/api/alerts/rules/", "\"kind\":\"query\",\"query\":\"a\""),
            ("/api/alerts/channels/", "\"kind\":\"webhook\",\"target\":\"https://hooks.example.org/\""),
        ])
        {
            using var content = new StringContent($"{{\"name\":{System.Text.Json.JsonSerializer.Serialize(name)},{rest}}}", Encoding.UTF8, "application/json");
            using var answer = await api.Client.PostAsync(path, content, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
            Assert.Contains("\"name\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }
}
