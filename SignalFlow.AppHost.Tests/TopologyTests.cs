namespace SignalFlow.AppHost.Tests;

public sealed class TopologyTests
{
    [Fact]
    public async Task Has_every_process_and_every_store()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Superset(
            new HashSet<string>
            {
                "kafka", "kafka-ui", "postgres", "signalflow", "redis",
                "migrations", "ingestion", "processing", "api", "web", "reddit-simulator", "prometheus", "grafana",
            },
            model.Names.ToHashSet());
    }

    [Theory]
    [InlineData("migrations", "postgres: WaitUntilHealthy", "signalflow: WaitUntilHealthy")]
    [InlineData("ingestion",
        "kafka: WaitUntilHealthy", "migrations: WaitForCompletion", "postgres: WaitUntilHealthy", "reddit-simulator: WaitUntilHealthy",
        "signalflow: WaitUntilHealthy")]
    [InlineData("processing",
        "kafka: WaitUntilHealthy", "migrations: WaitForCompletion", "postgres: WaitUntilHealthy", "redis: WaitUntilHealthy",
        "signalflow: WaitUntilHealthy")]
    [InlineData("api",
        "migrations: WaitForCompletion", "postgres: WaitUntilHealthy", "redis: WaitUntilHealthy", "signalflow: WaitUntilHealthy")]
    [InlineData("web", "api: WaitUntilHealthy")]
    public async Task Waits_for_all_it_needs(string name, params string[] expected)
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Equal(expected, model.WaitsOf(name));
    }

    [Fact]
    public async Task Checks_the_health_of_everything_that_keeps_running()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.All(
            ["kafka", "postgres", "signalflow", "redis", "ingestion", "processing", "api", "web", "reddit-simulator", "prometheus", "grafana"],
            name => Assert.NotEmpty(model.Get<IResource>(name).Annotations.OfType<HealthCheckAnnotation>()));
        Assert.Empty(model.Get<IResource>("migrations").Annotations.OfType<HealthCheckAnnotation>());
    }

    [Theory]
    [InlineData("ingestion")]
    [InlineData("processing")]
    [InlineData("api")]
    [InlineData("web")]
    [InlineData("reddit-simulator")]
    public async Task Asks_a_service_whether_it_is_ready_not_only_whether_it_lives(string name)
    {
        await using var model = await AppModel.CreateAsync();

        var check = Assert.Single(model.Get<IResource>(name).Annotations.OfType<HealthCheckAnnotation>());

        // Aspire puts the path between underscores into the key; with a slash behind it the path would mean liveness.
        Assert.Contains("_/health_", check.Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_processing_three_times_and_everything_else_once()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.All(model.Projects, project => Assert.Equal(project.Name == "processing" ? 3 : 1, project.GetReplicaCount()));
    }

    [Fact]
    public async Task Migrates_with_the_processing_project()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Equal(
            new Projects.SignalFlow_Processing().ProjectPath,
            model.Get<ProjectResource>("migrations").GetProjectMetadata().ProjectPath);
        Assert.Equal(["migrate"], await model.ArgumentsOfAsync("migrations"));
    }

    [Fact]
    public async Task Opens_only_the_API_and_the_user_interface_to_the_outside()
    {
        await using var model = await AppModel.CreateAsync();

        var external = model.Projects.Where(project => project.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal));

        Assert.Equal(["api", "web"], external.Select(project => project.Name).Order());
    }

    [Theory]
    [InlineData("api", 8080)]
    [InlineData("web", 8081)]
    [InlineData("prometheus", 9090)]
    [InlineData("grafana", 3000)]
    public async Task Keeps_the_ports_that_people_know(string name, int port)
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Equal(port, model.EndpointOf(name).Port);
    }

    [Fact]
    public async Task Has_buttons_for_what_operators_do_most()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.Equal("Replay DLQ", Commands("api")["replay-dlq"]);
        Assert.Equal("Add subreddit", Commands("api")["add-subreddit"]);
        Assert.Equal("Load demo posts", Commands("reddit-simulator")["load-demo-posts"]);

        Dictionary<string, string?> Commands(string resource) =>
            model.Get<IResource>(resource).Annotations.OfType<ResourceCommandAnnotation>()
                .ToDictionary(command => command.Name, command => (string?)command.DisplayName);
    }

    [Fact]
    public async Task Pins_TimescaleDB_on_PostgreSQL_17()
    {
        await using var model = await AppModel.CreateAsync();

        Assert.True(model.Get<PostgresServerResource>("postgres").TryGetContainerImageName(out var image));
        Assert.Matches(@"^docker\.io/timescale/timescaledb:\d+\.\d+\.\d+-pg17$", image);
    }

    [Theory]
    [InlineData("kafka", "signalflow-kafka", "/var/lib/kafka/data")]
    [InlineData("postgres", "signalflow-postgres", "/var/lib/postgresql/data")]
    public async Task Keeps_data_in_a_volume_of_a_fixed_name(string name, string volume, string target)
    {
        await using var model = await AppModel.CreateAsync();

        var mount = Assert.Single(model.Get<IResource>(name).Annotations.OfType<ContainerMountAnnotation>());

        Assert.Equal((volume, target), (mount.Source, mount.Target));
    }
}
