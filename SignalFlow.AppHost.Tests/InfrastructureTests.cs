namespace SignalFlow.AppHost.Tests;

/// <summary>The switches: where the servers come from, and how many there are.</summary>
public sealed class InfrastructureTests
{
    [Fact]
    public async Task Embedded_needs_no_container()
    {
        await using var model = await AppModel.CreateAsync("--Infrastructure=embedded");

        Assert.DoesNotContain(model.All, resource => resource is ContainerResource);
        Assert.Equal(new Projects.SignalFlow_Standalone().ProjectPath, model.Get<ProjectResource>("infrastructure").GetProjectMetadata().ProjectPath);
        Assert.Equal("infrastructure", (await model.ArgumentsOfAsync("infrastructure")).First());
        Assert.Equal(["infrastructure: WaitUntilHealthy"], model.WaitsOf("kafka"));
        Assert.Equal(
            ["kafka: WaitUntilHealthy", "migrations: WaitForCompletion", "redis: WaitUntilHealthy", "signalflow: WaitUntilHealthy"],
            model.WaitsOf("processing"));
    }

    [Fact]
    public async Task What_processes_keep_is_below_one_folder()
    {
        await using var model = await AppModel.CreateAsync("--Infrastructure=embedded", "--Data=/srv/kept");

        Assert.Equal(
            ["infrastructure", "--data", "/srv/kept/embedded", "--connections", "/srv/kept/embedded/connections.json"],
            await model.ArgumentsOfAsync("infrastructure"));
        Assert.Equal("/srv/kept/reddit-simulator", (await model.EnvironmentOfAsync("reddit-simulator"))["Simulator__StatePath"]);
    }

    [Fact]
    public async Task External_takes_connection_strings_as_they_are()
    {
        await using var model = await AppModel.CreateAsync(
            "--Infrastructure=external", "--ConnectionStrings:kafka=broker:9092", "--ConnectionStrings:signalflow=Host=database", "--Postgres:Replica=true",
            "--ConnectionStrings:signalflow-replica=Host=standby");

        var environment = await model.EnvironmentOfAsync("api");

        Assert.Equal(
            ("broker:9092", "Host=database", "Host=standby"),
            (environment["ConnectionStrings__kafka"], environment["ConnectionStrings__signalflow"], environment["ConnectionStrings__signalflow-replica"]));
        Assert.Equal(["redis"], model.All.OfType<ContainerResource>().Select(container => container.Name));
    }

    [Theory]
    [InlineData("--Infrastructure=cloud", "Infrastructure must be containers, embedded or external, not 'cloud'.")]
    [InlineData("--Infrastructure=7", "Infrastructure must be containers, embedded or external, not '7'.")]
    [InlineData("--Kafka:Brokers=2", "Kafka:Brokers must be 1 or 3, not '2'.")]
    [InlineData("--Ingestion:Shards=0", "Ingestion:Shards must be a number from 1 to 16, not '0'.")]
    [InlineData("--Ingestion:Shards=many", "Ingestion:Shards must be a number from 1 to 16, not 'many'.")]
    public async Task A_wrong_switch_is_named(string argument, string message)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => AppModel.CreateAsync(argument));

        Assert.Contains(message, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_brokers_are_one_cluster_that_keeps_records_twice_at_least()
    {
        await using var model = await AppModel.CreateAsync("--Kafka:Brokers=3");
        var ports = Enumerable.Range(1, 3).Select(id => model.EndpointOf($"kafka-{id}").AllocatedEndpoint!.Port).ToList();

        foreach (var id in Enumerable.Range(1, 3))
        {
            var environment = await model.EnvironmentOfAsync($"kafka-{id}");
            Assert.Equal($"{id}", environment["KAFKA_NODE_ID"]);
            Assert.Equal("1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093", environment["KAFKA_CONTROLLER_QUORUM_VOTERS"]);
            Assert.Equal($"CLIENT://localhost:{ports[id - 1]},INTERNAL://kafka-{id}:9094", environment["KAFKA_ADVERTISED_LISTENERS"]);
            Assert.Equal(("3", "2"), (environment["KAFKA_DEFAULT_REPLICATION_FACTOR"], environment["KAFKA_MIN_INSYNC_REPLICAS"]));
            Assert.Equal(22, environment["CLUSTER_ID"].Length);
        }

        Assert.Equal(
            string.Join(',', ports.Select(port => $"localhost:{port}")), (await model.EnvironmentOfAsync("processing"))["ConnectionStrings__kafka"]);
    }

    [Fact]
    public async Task A_standby_copies_the_primary_and_only_the_API_reads_from_it()
    {
        await using var model = await AppModel.CreateAsync("--Postgres:Replica=true");
        var port = model.EndpointOf("postgres-replica").AllocatedEndpoint!.Port;

        Assert.Equal(
            $"Host=localhost;Port={port};Username=api;Password={AppModel.Password};Database=signalflow",
            (await model.EnvironmentOfAsync("api"))["ConnectionStrings__signalflow-replica"]);
        Assert.DoesNotContain("ConnectionStrings__signalflow-replica", (await model.EnvironmentOfAsync("processing")).Keys);
        Assert.Contains("hba_file=/etc/signalflow/pg_hba.conf", await model.ArgumentsOfAsync("postgres"));
        Assert.Contains("pg_basebackup", string.Join(' ', await model.ArgumentsOfAsync("postgres-replica")), StringComparison.Ordinal);
        Assert.Equal(["postgres: WaitUntilHealthy"], model.WaitsOf("postgres-replica"));
    }

    [Fact]
    public async Task Shards_divide_the_subreddits_and_the_quota()
    {
        await using var model = await AppModel.CreateAsync("--Ingestion:Shards=3", "--Reddit:RequestsPerMinute=100");

        foreach (var (name, shard) in new[] { ("ingestion", "0"), ("ingestion-1", "1"), ("ingestion-2", "2") })
        {
            var environment = await model.EnvironmentOfAsync(name);
            Assert.Equal(
                (shard, "3", "33"),
                (environment["Ingestion__ShardId"], environment["Ingestion__ShardCount"], environment["Reddit__RequestsPerMinute"]));
            Assert.Contains("reddit-simulator: WaitUntilHealthy", model.WaitsOf(name));
        }
    }

    [Fact]
    public async Task Services_push_their_metrics_to_Prometheus_in_a_run()
    {
        await using var model = await AppModel.CreateAsync();

        foreach (var name in (string[])["ingestion", "processing", "api", "web"])
            Assert.Equal("http://localhost:9090/api/v1/otlp/v1/metrics", (await model.EnvironmentOfAsync(name))["Telemetry__MetricsEndpoint"]);
    }
}
