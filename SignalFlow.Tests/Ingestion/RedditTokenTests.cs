using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

public sealed class RedditTokenTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Callers_at_the_same_time_share_one_token()
    {
        await using var server = await RedditServer.StartAsync();
        await using var services = server.CreateServices(_time);
        var tokens = services.GetRequiredService<RedditTokenCache>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(tokens)));

        Assert.All(answers, answer => Assert.Equal("token-1", answer.Token));
        Assert.Single(server.TokenRequests);
    }

    [Fact]
    public async Task A_token_is_renewed_a_margin_before_expires_in_ends()
    {
        await using var server = await RedditServer.StartAsync();
        server.Token = count => ServerAnswer.Json($$"""{"access_token":"{{count}}","expires_in":{{(count == 1 ? "86400" : "3600.0")}}}""");
        await using var services = server.CreateServices(_time);
        var tokens = services.GetRequiredService<RedditTokenCache>();

        Assert.Equal("1", (await GetAsync(tokens)).Token);
        _time.Advance(TimeSpan.FromSeconds(86_400 - 61));
        Assert.Equal("1", (await GetAsync(tokens)).Token);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("2", (await GetAsync(tokens)).Token);
        _time.Advance(TimeSpan.FromSeconds(3_600));
        Assert.Equal("3", (await GetAsync(tokens)).Token);
    }

    [Fact]
    public async Task A_token_that_Reddit_no_longer_accepts_is_replaced_for_the_next_request()
    {
        await using var server = await RedditServer.StartAsync();
        var accepted = "bearer token-1";
        server.Api = request => request.Headers.Authorization == accepted
            ? ServerAnswer.Json("""{"kind":"Listing","data":{"children":[]}}""")
            : ServerAnswer.Json("""{"message":"Unauthorized","error":401}""", 401);
        await using var services = server.CreateServices(_time);
        var client = services.GetRequiredService<RedditClient>();

        Assert.IsType<RedditAnswer.Page>(await client.GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken));
        accepted = "bearer token-2";
        Assert.IsType<RedditAnswer.Unauthorized>(await client.GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken));
        Assert.IsType<RedditAnswer.Page>(await client.GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken));
        Assert.Equal(2, server.TokenRequests.Count);
    }

    [Fact]
    public async Task An_API_that_refuses_fresh_tokens_is_not_asked_in_a_circle()
    {
        await using var server = await RedditServer.StartAsync();
        server.Api = _ => ServerAnswer.Json("""{"error":401}""", 401);
        await using var services = server.CreateServices(_time);
        var client = services.GetRequiredService<RedditClient>();

        Assert.IsType<RedditAnswer.Unauthorized>(await client.GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken));
        var wait = Assert.IsType<RedditAnswer.NoToken>(await client.GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken));

        Assert.InRange(wait.After, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Single(server.ApiRequests);
    }

    [Fact]
    public async Task Refused_credentials_are_tried_again_only_after_a_growing_delay()
    {
        await using var server = await RedditServer.StartAsync();
        server.Token = _ => ServerAnswer.Json("""{"error":"invalid_grant"}""");
        await using var services = server.CreateServices(_time);
        var tokens = services.GetRequiredService<RedditTokenCache>();

        var first = await GetAsync(tokens);
        var meanwhile = await GetAsync(tokens);
        _time.Advance(first.RetryAfter);
        var second = await GetAsync(tokens);

        Assert.Equal(first, meanwhile);
        Assert.InRange(first.RetryAfter, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        Assert.InRange(second.RetryAfter, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40));
        Assert.Equal(2, server.TokenRequests.Count);
    }

    [Fact]
    public async Task The_token_endpoint_is_left_alone_for_the_seconds_that_its_429_names()
    {
        await using var server = await RedditServer.StartAsync();
        server.Token = _ => ServerAnswer.Json("""{"message":"Too Many Requests","error":429}""", 429, ("Retry-After", "37"));
        await using var services = server.CreateServices(_time);

        var answer = await GetAsync(services.GetRequiredService<RedditTokenCache>());

        Assert.Equal(new TokenAnswer(null, TimeSpan.FromSeconds(37)), answer);
    }

    [Fact]
    public async Task The_token_endpoints_own_window_is_kept_to()
    {
        await using var server = await RedditServer.StartAsync();
        server.Token = count => ServerAnswer.Json(
            $$"""{"access_token":"token-{{count}}","token_type":"bearer","expires_in":3600}""", 200,
            ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "300"));
        await using var services = server.CreateServices(_time);
        var tokens = services.GetRequiredService<RedditTokenCache>();
        var token = (await GetAsync(tokens)).Token!;
        tokens.Confirm(token);

        tokens.Invalidate(token);
        var refused = await GetAsync(tokens);
        _time.Advance(TimeSpan.FromSeconds(300));

        Assert.Equal(new TokenAnswer(null, TimeSpan.FromSeconds(300)), refused);
        Assert.Equal("token-2", (await GetAsync(tokens)).Token);
    }

    private static async Task<TokenAnswer> GetAsync(RedditTokenCache tokens) => await tokens.GetAsync(TestContext.Current.CancellationToken);
}
