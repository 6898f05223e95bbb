using System.Data.Common;

namespace SignalFlow.AppHost.Tests;

public sealed class EnvironmentTests
{
    [Theory]
    [InlineData("migrations", "signalflow")]
    [InlineData("ingestion", "kafka", "signalflow")]
    [InlineData("processing", "kafka", "redis", "signalflow")]
    [InlineData("api", "kafka", "redis", "signalflow")]
    [InlineData("web", "redis")]
    [InlineData("reddit-simulator")]
    public async Task Gets_connection_strings_by_name_and_no_others(string name, params string[] expected)
    {
        await using var model = await AppModel.CreateAsync();

        var environment = await model.EnvironmentOfAsync(name);

        Assert.Equal(
            expected.Select(connection => $"ConnectionStrings__{connection}"),
            environment.Keys.Where(key => key.StartsWith("ConnectionStrings__", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Connects_to_the_database_of_the_connections_name()
    {
        await using var model = await AppModel.CreateAsync();
        var port = model.EndpointOf("postgres").AllocatedEndpoint!.Port;

        var environment = await model.EnvironmentOfAsync("processing");

        var connection = new DbConnectionStringBuilder { ConnectionString = environment["ConnectionStrings__signalflow"] };
        Assert.Equal("localhost", connection["Host"]);
        Assert.Equal($"{port}", connection["Port"]);
        Assert.Equal("signalflow", connection["Database"]);
        Assert.Equal("processing", connection["Username"]);
        Assert.Equal(AppModel.Password, connection["Password"]);
    }

    [Fact]
    public async Task Leads_the_user_interface_to_the_API_by_service_discovery()
    {
        await using var model = await AppModel.CreateAsync();

        var environment = await model.EnvironmentOfAsync("web");

        Assert.Equal("http://localhost:8080", environment["services__api__http__0"]);
    }

    [Fact]
    public async Task Lets_ingestion_look_at_posts_often_enough_to_see_a_rise_begin()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Equal("early", (await model.EnvironmentOfAsync("ingestion"))["Ingestion__RefreshPreset"]);
    }

    [Fact]
    public async Task Runs_every_project_as_development()
    {
        await using var model = await AppModel.CreateAsync();

        foreach (var project in model.Projects)
            Assert.Equal("Development", (await model.EnvironmentOfAsync(project.Name))["ASPNETCORE_ENVIRONMENT"]);
    }

    [Fact]
    public async Task Gives_every_service_the_same_memory_whatever_the_cores_and_caches_of_the_host()
    {
        await using var model = await AppModel.CreateAsync();

        foreach (var service in (string[])["reddit-simulator", "ingestion", "processing", "api", "web"])
        {
            var environment = await model.EnvironmentOfAsync(service);
            Assert.Equal("2", environment["MALLOC_ARENA_MAX"]);
            Assert.Equal("0x1000000", environment["DOTNET_GCgen0size"]);
        }
    }
}
