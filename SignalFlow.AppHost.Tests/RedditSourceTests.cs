namespace SignalFlow.AppHost.Tests;

public sealed class RedditSourceTests
{
    [Fact]
    public async Task Simulates_Reddit_without_credentials()
    {
        await using var model = await AppModel.CreateAsync();
        var simulator = model.EndpointOf("reddit-simulator").AllocatedEndpoint!;

        var environment = await model.EnvironmentOfAsync("ingestion");

        Assert.Equal(simulator.UriString, environment["Reddit__ApiBaseUrl"]);
        Assert.Equal($"{simulator.UriString}/api/v1/access_token", environment["Reddit__TokenUrl"]);
        Assert.All(["Reddit__ClientId", "Reddit__ClientSecret", "Reddit__UserAgent"], key => Assert.NotEmpty(environment[key]));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("60", "--Simulator:Speed=60")]
    public async Task Runs_the_simulator_and_ingestion_at_one_speed(string expected, params string[] args)
    {
        await using var model = await AppModel.CreateAsync(args);

        Assert.Equal(expected, (await model.EnvironmentOfAsync("reddit-simulator"))["Simulator__Speed"]);
        Assert.Equal(expected, (await model.EnvironmentOfAsync("ingestion"))["Ingestion__Speed"]);
    }

    [Theory]
    [InlineData("--Parameters:reddit-client-id=the-id", "--Parameters:reddit-client-secret=the-secret", "--Parameters:reddit-user-agent=the-agent")]
    [InlineData("--Parameters:reddit_client_id=the-id", "--Parameters:reddit_client_secret=the-secret", "--Parameters:reddit_user_agent=the-agent")]
    [InlineData("--Reddit:ClientId=the-id", "--Reddit:ClientSecret=the-secret", "--Reddit:UserAgent=the-agent")]
    [InlineData("--REDDIT_CLIENT_ID=the-id", "--REDDIT_CLIENT_SECRET=the-secret", "--REDDIT_USER_AGENT=the-agent")]
    public async Task Asks_Reddit_itself_with_credentials(params string[] args)
    {
        await using var model = await AppModel.CreateAsync(args);

        var environment = await model.EnvironmentOfAsync("ingestion");

        Assert.DoesNotContain("reddit-simulator", model.Names);
        Assert.Equal("the-id", environment["Reddit__ClientId"]);
        Assert.Equal("the-secret", environment["Reddit__ClientSecret"]);
        Assert.Equal("the-agent", environment["Reddit__UserAgent"]);
        Assert.DoesNotContain("Reddit__TokenUrl", environment.Keys);
        Assert.DoesNotContain("Reddit__ApiBaseUrl", environment.Keys);
        Assert.DoesNotContain("Ingestion__Speed", environment.Keys);
    }

    [Theory]
    [InlineData("--Parameters:reddit-client-id=the-id")]
    [InlineData("--Parameters:reddit-client-secret=the-secret")]
    public async Task Does_not_simulate_with_half_of_the_credentials(string arg)
    {
        await using var model = await AppModel.CreateAsync(arg);

        Assert.DoesNotContain("reddit-simulator", model.Names);
        Assert.Superset(new HashSet<string> { "reddit-client-id", "reddit-client-secret" }, model.Names.ToHashSet());
    }

    [Fact]
    public async Task Keeps_credentials_secret()
    {
        await using var model = await AppModel.CreateAsync("--Parameters:reddit-client-id=the-id", "--Parameters:reddit-client-secret=the-secret");

        Assert.All(["reddit-client-id", "reddit-client-secret"], name => Assert.True(model.Get<ParameterResource>(name).Secret));
    }
}
