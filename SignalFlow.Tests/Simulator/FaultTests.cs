using System.Net;
using System.Text.Json;

namespace SignalFlow.Tests.Simulator;

public sealed class FaultTests
{
    [Theory]
    [InlineData("""{"kind":"rate_limited","count":1,"retry_after":4}""", 429, "text/html", "whoa there")]
    [InlineData("""{"kind":"rate_limited","count":1}""", 429, "text/html", "whoa there")]
    [InlineData("""{"kind":"unauthorized","count":1}""", 401, "application/json", "Unauthorized")]
    [InlineData("""{"kind":"private","count":1}""", 403, "application/json", "\"reason\": \"private\"")]
    [InlineData("""{"kind":"quarantined","count":1}""", 403, "application/json", "\"reason\": \"quarantined\"")]
    [InlineData("""{"kind":"blocked","count":1}""", 403, "text/html", "network policy")]
    [InlineData("""{"kind":"banned","count":1}""", 404, "application/json", "\"reason\": \"banned\"")]
    [InlineData("""{"kind":"redirect","count":1}""", 302, "text/html", "search?q=technology")]
    [InlineData("""{"kind":"server_error","count":1}""", 503, "text/html", "servers are busy")]
    [InlineData("""{"kind":"server_error","count":1,"status":502,"body":"empty"}""", 502, "application/json", "")]
    [InlineData("""{"kind":"server_error","count":1,"status":500,"body":"json"}""", 500, "application/json", "Internal Server Error")]
    public async Task Answers_an_error_once(string fault, int status, string contentType, string body)
    {
        await using var app = await StartAsync(fault);
        using var failed = await app.GetAsync("/r/technology/new");

        Assert.Equal(status, (int)failed.StatusCode);
        Assert.Equal(contentType, failed.Content.Headers.ContentType?.MediaType);
        Assert.Contains(body, await BodyAsync(failed), StringComparison.Ordinal);
        Assert.Equal(fault.Contains("retry_after", StringComparison.Ordinal), failed.Headers.RetryAfter is not null);

        // After a 401 the token is gone.
        if (status == 401)
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.GetAsync("/r/technology/new")).StatusCode);
        await app.AuthorizeAsync();
        Assert.Equal(25, (await app.PostsAsync("/r/technology/new")).Count);
    }

    [Fact]
    public async Task Hits_only_the_subreddit_it_names()
    {
        await using var app = await StartAsync("""{"kind":"private","subreddit":"Science","probability":1}""");

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/r/technology/new")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.GetAsync("/r/science/new")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.GetAsync("/r/technology+science/new")).StatusCode);

        using var cleared = await app.Client.DeleteAsync("/simulator/faults", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, cleared.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/r/science/new")).StatusCode);
    }

    [Theory]
    [InlineData("private", 403)]
    [InlineData("quarantined", 403)]
    [InlineData("banned", 404)]
    [InlineData("redirect", 302)]
    public async Task Can_leave_its_subreddit_out_of_groups(string kind, int alone)
    {
        await using var app = await StartAsync($$"""{"kind":"{{kind}}","subreddit":"Science","probability":1,"group":"omit"}""");

        var posts = await app.PostsAsync("/r/technology+science+news/new?limit=100");
        Assert.Equal(["news", "technology"], posts.Select(post => post.Text("subreddit")).Distinct().Order());
        foreach (var path in (string[])["/r/science/new", "/r/science+SCIENCE/new"])
        {
            using var refused = await app.GetAsync(path);
            Assert.Equal(alone, (int)refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_group_of_which_nothing_is_left_is_refused()
    {
        await using var app = await StartAsync("""
            {"kind":"banned","subreddit":"science","probability":1,"group":"omit"},
            {"kind":"private","subreddit":"news","probability":1,"group":"omit"}
            """);

        Assert.Equal(HttpStatusCode.Forbidden, (await app.GetAsync("/r/science+news/new")).StatusCode);
    }

    [Theory]
    [InlineData("/r/Science/new?limit=5&raw_json=1", "/r/Sciences/new?limit=5&raw_json=1")]
    [InlineData("/r/technology+science/new", "/r/technology+Sciences/new")]
    [InlineData("/r/science/about", "/r/Sciences/about")]
    public async Task A_renamed_subreddit_redirects_to_its_new_name(string path, string location)
    {
        await using var app = await StartAsync("""{"kind":"renamed","subreddit":"science","to":"Sciences","probability":1}""");
        using var response = await app.GetAsync(path);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(location, response.Headers.Location?.PathAndQuery);
        Assert.NotEmpty(await app.PostsAsync("/r/Sciences/new"));
    }

    [Fact]
    public async Task Look_ups_can_come_back_empty_while_listings_do_not()
    {
        await using var app = await StartAsync("""{"kind":"empty_info","count":1}""");
        var id = (await app.PostsAsync("/r/technology/new"))[0].Id();

        Assert.Empty(await app.PostsAsync($"/api/info?id=t3_{id}"));
        Assert.Single(await app.PostsAsync($"/api/info?id=t3_{id}"));
    }

    [Fact]
    public async Task Hits_with_its_probability()
    {
        await using var app = await StartAsync("""{"kind":"server_error","probability":0.3}""");
        var failures = 0;
        for (var i = 0; i < 400; i++)
        {
            using var response = await app.GetAsync("/r/technology/new?limit=1");
            failures += response.IsSuccessStatusCode ? 0 : 1;
        }

        Assert.InRange(failures, 80, 160);
        using var list = await SimulatorApp.ReadAsync(await app.GetAsync("/simulator/faults"));
        Assert.Equal(failures, list.RootElement.GetProperty("faults")[0].Number("hits"));
    }

    [Fact]
    public async Task Cuts_the_connection_in_the_middle_of_the_body()
    {
        await using var app = await StartAsync("""{"kind":"cut","count":1}""");

        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync("/r/technology/new"));
        Assert.Equal(25, (await app.PostsAsync("/r/technology/new")).Count);
    }

    [Fact]
    public async Task Ends_the_json_in_the_middle()
    {
        await using var app = await StartAsync("""{"kind":"truncated","count":1}""");
        using var response = await app.GetAsync("/r/technology/new");
        var body = await BodyAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("{\"kind\":\"Listing\"", body, StringComparison.Ordinal);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(body));
    }

    [Fact]
    public async Task Shows_a_page_from_the_past()
    {
        await using var app = await StartAsync();
        var before = await app.PostsAsync("/r/all/new");
        app.Advance(TimeSpan.FromSeconds(600));
        await app.PutFaultsAsync("""{"faults":[{"kind":"stale","age":600,"count":1}]}""");

        Assert.Equal(before.Select(post => post.Id()), (await app.PostsAsync("/r/all/new")).Select(post => post.Id()));
        Assert.NotEqual(before[0].Id(), (await app.PostsAsync("/r/all/new"))[0].Id());
    }

    [Fact]
    public async Task Takes_its_time()
    {
        await using var app = await StartAsync("""{"kind":"slow","delay":30,"count":1}""");
        var answer = app.GetAsync("/r/technology/new");
        while (!await HitAsync(app))
            await Task.Yield();

        Assert.False(answer.IsCompleted);
        // The delay is registered just after the hit is counted.
        while (!answer.IsCompleted)
        {
            app.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
    }

    [Theory]
    [InlineData("""{"kind":"token_error","count":1,"status":503}""", 503, "error")]
    [InlineData("""{"kind":"token_invalid_grant","count":1}""", 200, "invalid_grant")]
    [InlineData("""{"kind":"token_short","count":1,"expires_in":30}""", 200, "\"expires_in\": 30")]
    public async Task Token_faults_hit_the_token_endpoint_only(string fault, int status, string body)
    {
        await using var app = await StartAsync(fault);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/r/technology/new")).StatusCode);

        using var response = await app.RequestTokenAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(body, await BodyAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"faults":[{"kind":"private","count":0}]}""", "faults[0].count")]
    [InlineData("""{"faults":[{"kind":"private","probability":1.5}]}""", "faults[0].probability")]
    [InlineData("""{"faults":[{"kind":"no_such_kind","count":1}]}""", "faults[0].kind")]
    [InlineData("""{"faults":[{"count":1}]}""", "faults[0].kind")]
    [InlineData("""{"faults":[{"kind":"cut","count":1,"colour":"red"}]}""", "faults[0].colour")]
    [InlineData("""{"faults":[{"kind":"server_error","count":1,"status":200}]}""", "faults[0].status")]
    [InlineData("""{"faults":[{"kind":"private","count":1,"group":"omit"}]}""", "faults[0].group")]
    [InlineData("""{"faults":[{"kind":"private","count":1,"subreddit":"news","group":"hide"}]}""", "faults[0].group")]
    [InlineData("""{"faults":[{"kind":"stale","count":1,"subreddit":"news","group":"omit"}]}""", "faults[0].group")]
    [InlineData("""{"faults":[{"kind":"renamed","count":1,"subreddit":"news"}]}""", "faults[0].to")]
    [InlineData("""{"faults":[{"kind":"renamed","count":1,"to":"news2"}]}""", "faults[0].subreddit")]
    [InlineData("""{"faults":[{"kind":"private","count":1,"to":"news2"}]}""", "faults[0].to")]
    [InlineData("""{"faults":[{"kind":"empty_info","count":1,"subreddit":"news"}]}""", "faults[0].subreddit")]
    [InlineData("""{"faults":[null]}""", "faults[0]")]
    [InlineData("""{"faults":""", "faults")]
    [InlineData("null", "faults")]
    [InlineData("{}", "faults")]
    public async Task Wrong_input_names_the_field(string json, string field)
    {
        await using var app = await StartAsync("""{"kind":"private","count":1}""");
        using var response = await app.PutFaultsAsync(json);
        using var problem = await SimulatorApp.ReadAsync(response);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(problem.RootElement.GetProperty("errors").EnumerateObject(), error => error.Name == field);
        // What was in force stays in force.
        Assert.Equal(HttpStatusCode.Forbidden, (await app.GetAsync("/r/technology/new")).StatusCode);
    }

    private static async Task<SimulatorApp> StartAsync(string? fault = null)
    {
        var app = await SimulatorApp.StartAsync(("BackfillHours", 24));
        await app.AuthorizeAsync();
        if (fault is not null)
            Assert.Equal(HttpStatusCode.OK, (await app.PutFaultsAsync($$"""{"faults":[{{fault}}]}""")).StatusCode);
        return app;
    }

    private static async Task<bool> HitAsync(SimulatorApp app)
    {
        using var list = await SimulatorApp.ReadAsync(await app.GetAsync("/simulator/faults"));
        return list.RootElement.GetProperty("faults")[0].Number("hits") > 0;
    }

    private static Task<string> BodyAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
