using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace SignalFlow.Tests.Simulator;

public sealed class AccessTests
{
    [Fact]
    public async Task A_token_opens_the_api_until_it_expires()
    {
        await using var app = await SimulatorApp.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app));

        await app.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app));

        app.Advance(TimeSpan.FromSeconds(86_399));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app));

        app.Advance(TimeSpan.FromSeconds(1));
        using var expired = await app.GetAsync("/r/technology/new");
        Assert.Equal(HttpStatusCode.Unauthorized, expired.StatusCode);
        Assert.Equal("""{"message": "Unauthorized", "error": 401}""", await expired.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("invalid_token", expired.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id:secret", HttpStatusCode.OK)]
    [InlineData("id:wrong", HttpStatusCode.Unauthorized)]
    [InlineData("other:secret", HttpStatusCode.Unauthorized)]
    [InlineData(":", HttpStatusCode.Unauthorized)]
    [InlineData("id", HttpStatusCode.Unauthorized)]
    public async Task Configured_credentials_are_the_only_ones(string credentials, HttpStatusCode expected)
    {
        await using var app = await SimulatorApp.StartAsync(("ClientId", "id"), ("ClientSecret", "secret"));
        using var response = await app.RequestTokenAsync(credentials);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("grant_type=password&username=x", "unsupported_grant_type")]
    [InlineData("", "invalid_request")]
    public async Task Oauth_errors_come_with_status_200(string body, string error)
    {
        await using var app = await SimulatorApp.StartAsync();
        using var response = await app.RequestTokenAsync(body: body);
        using var json = await SimulatorApp.ReadAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(error, json.RootElement.Text("error"));
    }

    [Fact]
    public async Task A_token_says_what_the_recordings_say()
    {
        await using var app = await SimulatorApp.StartAsync();
        using var response = await app.RequestTokenAsync();
        using var json = await SimulatorApp.ReadAsync(response);

        Assert.Equal(["access_token", "token_type", "expires_in", "scope"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(86_400, json.RootElement.Number("expires_in"));
        Assert.Equal("299", Header(response, "x-ratelimit-remaining"));
    }

    [Fact]
    public async Task The_quota_counts_per_client_and_window()
    {
        await using var app = await SimulatorApp.StartAsync(("RequestsPerWindow", 3), ("Speed", 10));
        await app.AuthorizeAsync();
        for (var used = 1; used <= 3; used++)
        {
            using var response = await app.GetAsync("/r/technology/new");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(($"{3 - used}.0", $"{used}", "60"), RateOf(response));
        }

        using var refused = await app.GetAsync("/r/technology/new");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(("0.0", "4", "60"), RateOf(refused));

        await app.AuthorizeAsync("another:client");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app));

        await app.AuthorizeAsync();
        app.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app));
    }

    [Fact]
    public async Task Without_enforcement_the_headers_count_on()
    {
        await using var app = await SimulatorApp.StartAsync(("RequestsPerWindow", 0));
        await app.AuthorizeAsync();
        using var first = await app.GetAsync("/r/technology/new");

        Assert.Equal(("999.0", "1", "600"), RateOf(first));
    }

    [Fact]
    public async Task Wrong_configuration_names_every_key()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => SimulatorApp.StartAsync(
            ("Speed", 0), ("Rate", -1), ("RequestsPerWindow", -1), ("BackfillHours", 1_000), ("ClientId", "alone"), ("StatePath", " "),
            ("SubredditsPath", " "), ("PostsPerDay", 0)));

        Assert.All(
            ["Speed", "Rate", "RequestsPerWindow", "BackfillHours", "ClientSecret", "StatePath", "SubredditsPath", "PostsPerDay"],
            key => Assert.Contains($"Simulator:{key}", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_token_is_refused()
    {
        await using var app = await SimulatorApp.StartAsync();
        app.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "made-up");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app));
    }

    private static (string, string, string) RateOf(HttpResponseMessage response) =>
        (Header(response, "x-ratelimit-remaining"), Header(response, "x-ratelimit-used"), Header(response, "x-ratelimit-reset"));

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static async Task<HttpStatusCode> StatusAsync(SimulatorApp app)
    {
        using var response = await app.GetAsync("/r/technology/new?limit=1");
        return response.StatusCode;
    }
}
