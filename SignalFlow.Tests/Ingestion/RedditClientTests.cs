using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Tests.Ingestion;

public sealed class RedditClientTests
{
    [Fact]
    public async Task Asks_as_Reddit_wants_to_be_asked()
    {
        await using var server = await RedditServer.StartAsync();
        var agents = new List<string>();
        server.Api = request =>
        {
            agents.Add(request.Headers.UserAgent.ToString());
            return ServerAnswer.Json("""{"kind":"Listing","data":{"children":[]}}""");
        };
        await using var services = server.CreateServices();
        var client = services.GetRequiredService<RedditClient>();

        await client.GetNewAsync("poll", ["AskReddit"], null, TestContext.Current.CancellationToken);
        await client.GetNewAsync("poll", ["AskReddit", "news", "u_x"], "t3_abc", TestContext.Current.CancellationToken);
        await client.GetInfoAsync("refresh", ["a", "b"], TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                "/r/AskReddit/new?limit=100&raw_json=1",
                "/r/AskReddit+news+u_x/new?limit=100&raw_json=1&after=t3_abc",
                "/api/info?id=t3_a,t3_b&raw_json=1",
            ],
            server.ApiRequests);
        Assert.All(agents, agent => Assert.Equal("test:signalflow:v1 (by /u/tester)", agent));
    }

    [Fact]
    public async Task A_cut_connection_is_a_network_fault()
    {
        await using var server = await RedditServer.StartAsync();
        server.Api = _ => ServerAnswer.CutOff;
        await using var services = server.CreateServices();

        var answer = await services.GetRequiredService<RedditClient>().GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken);

        Assert.Equal("network", Assert.IsType<RedditAnswer.Failed>(answer).Fault);
    }

    [Fact]
    public async Task An_answer_that_takes_longer_than_the_timeout_is_given_up()
    {
        await using var server = await RedditServer.StartAsync();
        var time = new FakeTimeProvider();
        using var released = new ManualResetEventSlim();
        server.Api = _ =>
        {
            // The server has the request: only now can time pass for it.
            time.Advance(RedditClient.Timeout);
            released.Wait(TestContext.Current.CancellationToken);
            return ServerAnswer.Json("{}");
        };
        await using var services = server.CreateServices(time);

        var answer = await services.GetRequiredService<RedditClient>().GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken);
        released.Set();

        Assert.Equal("timeout", Assert.IsType<RedditAnswer.Failed>(answer).Fault);
    }

    [Fact]
    public async Task One_call_is_one_request_whatever_the_defaults_for_HTTP_clients_are()
    {
        await using var server = await RedditServer.StartAsync();
        server.Api = _ => ServerAnswer.Json("", 503);
        var builder = Host.CreateApplicationBuilder();
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<IngestionMetrics>();
        builder.Services.AddRedditClient();
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(server.Options));
        using var host = builder.Build();

        var answer = await host.Services.GetRequiredService<RedditClient>().GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken);

        Assert.IsType<RedditAnswer.Failed>(answer);
        Assert.Single(server.ApiRequests);
    }

    [Theory]
    [InlineData("598.0", "479", 598.0, 479.0)]
    [InlineData("286", "216", 286.0, 216.0)]
    [InlineData("598.0", "", null, null)]
    [InlineData("many", "10", null, null)]
    [InlineData("-1", "10", null, null)]
    [InlineData("NaN", "10", null, null)]
    [InlineData("1", "1e300", null, null)]
    public async Task Rate_limit_headers_are_read_where_they_are_numbers(string remaining, string reset, double? left, double? seconds)
    {
        await using var server = await RedditServer.StartAsync();
        server.Api = _ => ServerAnswer.Json(
            """{"kind":"Listing","data":{"children":[]}}""", 200, ("X-Ratelimit-Remaining", remaining), ("x-ratelimit-reset", reset));
        await using var services = server.CreateServices();

        var answer = await services.GetRequiredService<RedditClient>().GetNewAsync("poll", ["a"], null, TestContext.Current.CancellationToken);

        Assert.Equal(left, answer.RateLimit?.Remaining);
        Assert.Equal(seconds, answer.RateLimit?.Reset.TotalSeconds);
    }
}
