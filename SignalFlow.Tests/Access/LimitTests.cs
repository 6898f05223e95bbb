using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class LimitTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_too_much_is_told_when_to_come_back_and_others_go_on()
    {
        await using var api = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:AddressRequestsPerMinute"] = "6", ["Api:UserRequestsPerMinute"] = "60" });
        using var user = await api.ClientAsAsync("viewer");

        using var first = await api.Client.GetAsync("/api/posts/", Cancel);
        using var second = await api.Client.GetAsync("/api/posts/", Cancel);
        using var other = await user.GetAsync("/api/posts/", Cancel);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(("1", "0", "10"), Limit(first));
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);
        Assert.Equal("application/problem+json", second.Content.Headers.ContentType!.MediaType);
        Assert.Contains("requests of this address", await second.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(("10", "9", "1"), Limit(other));
    }

    [Fact]
    public async Task Guessing_passwords_is_limited_by_address()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:SignInsPerMinute"] = "3" });

        var answers = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var answer = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest($"user{attempt}", "a wrong password"), Cancel);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(
            [
                HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized,
                HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests
            ],
            answers);
    }

    [Fact]
    public async Task Guessing_ones_own_password_is_limited_as_signing_in_is()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:SignInsPerMinute"] = "3" });
        using var user = await api.ClientAsAsync("viewer");

        var answers = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var answer = await user.PostAsJsonAsync(
                "/api/account/password/", new { current = "a wrong password", @new = "another good password" }, Cancel);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests], answers);
        // Another user of the same UI, or behind the same address, is not held up.
        using var other = await api.ClientAsAsync("viewer");
        using var change = await other.PostAsJsonAsync("/api/account/password/", new { current = "a wrong password", @new = "another good password" }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, change.StatusCode);
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    [InlineData("fe80::1%3", "fe80::")]
    public void An_address_counts_as_its_subscriber(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), ClientAddress.Counted(IPAddress.Parse(address)));

    [Fact]
    public async Task Another_address_of_the_same_subscriber_is_nobody_else()
    {
        await using var api = await ApiApplication.StartAsync(
            postgres, services => services.AddSingleton<IStartupFilter, StatedAddress>(),
            new() { ["Api:AddressRequestsPerMinute"] = "12", ["Api:Live:MaxConnectionsPerAddress"] = "1" });

        Assert.Equal(HttpStatusCode.OK, await FromAsync("2001:db8:1:2::1", "/api/posts/"));
        Assert.Equal(HttpStatusCode.OK, await FromAsync("2001:db8:1:2::2", "/api/posts/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await FromAsync("2001:db8:1:2:ffff::3", "/api/posts/"));
        Assert.Equal(HttpStatusCode.OK, await FromAsync("2001:db8:1:3::1", "/api/posts/"));
        using var live = await SendAsync("2001:db8:1:4::1", "/api/stream/");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var second = await SendAsync("2001:db8:1:4::2", "/api/stream/");
        Assert.Contains("live connections", await second.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);

        async Task<HttpStatusCode> FromAsync(string address, string path)
        {
            using var answer = await SendAsync(address, path);
            return answer.StatusCode;
        }

        async Task<HttpResponseMessage> SendAsync(string address, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { StatedAddress.Header, address } } };
            return await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        }
    }

    [Theory]
    [InlineData("""{"username":1,"password":"x"}""", "application/json", HttpStatusCode.BadRequest, "username of the body is not of the expected kind.")]
    [InlineData("""{"username":"a",""", "application/json", HttpStatusCode.BadRequest, "The body is not a JSON object of the expected form.")]
    [InlineData("username=a", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, null)]
    [InlineData("{}", "application/json", HttpStatusCode.BadRequest, "username must be text of 1 to 256 characters.")]
    public async Task A_body_that_cannot_be_read_is_answered_with_what_is_wrong(string body, string type, HttpStatusCode status, string? said)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        using var answer = await api.Client.PostAsync("/api/token/", new StringContent(body, Encoding.UTF8, type), Cancel);

        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(said ?? "", text, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(text).RootElement.TryGetProperty("trace_id", out _));
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:MaxRequestBody"] = "2000" });
        using var body = new StringContent($$"""{"username":"{{new string('a', 3000)}}"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

        using var answer = await api.Client.PostAsync("/api/token/", body, Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET", "/api/nothing/", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/posts/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/posts/?page_size=many", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/admin/users/", HttpStatusCode.Unauthorized)]
    public async Task Every_error_is_a_problem_with_a_trace_id_and_every_answer_has_the_headers(string method, string path, HttpStatusCode status)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);

        using var answer = await api.Client.SendAsync(request, Cancel);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.TryGetProperty("trace_id", out _));
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("/health", "default-src 'none'; frame-ancestors 'none'")]
    [InlineData("/alive", "default-src 'none'; frame-ancestors 'none'")]
    [InlineData("/version", "default-src 'none'; frame-ancestors 'none'")]
    [InlineData("/metrics", "default-src 'none'; frame-ancestors 'none'")]
    [InlineData("/nowhere", "default-src 'none'; frame-ancestors 'none'")]
    [InlineData("/openapi/reference", "frame-ancestors 'none'")]
    [InlineData("/api/stories/", "default-src 'none'; frame-ancestors 'none'")]
    public async Task Answers_beside_the_api_and_those_to_its_faults_have_the_headers_too(string path, string policy)
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:Reference"] = "true" });
        // The last one fails.
        await api.Database.ExecuteAsync("DROP TABLE post_stories CASCADE");

        using var answer = await api.Client.GetAsync(path, Cancel);

        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal(policy, answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Pages_of_listed_origins_may_read_and_no_others()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:Cors:Origins:0"] = "https://good.example" });

        Assert.Equal("https://good.example", await AllowedAsync("https://good.example"));
        Assert.Null(await AllowedAsync("https://evil.example"));

        async Task<string?> AllowedAsync(string origin)
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/posts/")
            {
                Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "GET" }, { "Access-Control-Request-Headers", "authorization" } },
            };
            using var answer = await api.Client.SendAsync(preflight, Cancel);
            return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }
    }

    private static (string, string, string) Limit(HttpResponseMessage answer) =>
        (answer.Headers.GetValues("RateLimit-Limit").Single(), answer.Headers.GetValues("RateLimit-Remaining").Single(),
            answer.Headers.GetValues("RateLimit-Reset").Single());

    /// <summary>As a proxy that is trusted states it.</summary>
    private sealed class StatedAddress : IStartupFilter
    {
        public const string Header = "X-Stated-Address";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (IPAddress.TryParse(context.Request.Headers[Header], out var address))
                    context.Connection.RemoteIpAddress = address;
                return following(context);
            });
            next(app);
        };
    }
}
