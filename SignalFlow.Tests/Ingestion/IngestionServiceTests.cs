using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Ingestion;

/// <summary>The whole service at full speed, over HTTP, Kafka's protocol and PostgreSQL.</summary>
public sealed class IngestionServiceTests(PostgresFixture postgres) : IDisposable
{
    private const int Speed = 600;

    private readonly EmbeddedKafka _kafka = StartKafka();
    private readonly SimulatedListings _reddit = new();

    [Fact]
    public async Task New_posts_are_published_once_refreshed_later_and_a_deactivated_subreddit_is_left_alone()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha", "beta");
        Post("alpha", "a1");
        Post("beta", "b1");
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var raw = Consume(KafkaTopics.Raw, 2);
        Assert.Equal(["a1", "b1"], raw.Select(post => post.Id).Order());
        Assert.All(raw, post => Assert.Equal(post.ObservedAt, post.LastPolledAt));
        var refreshed = Consume(KafkaTopics.Refresh, 2);
        Assert.All(refreshed, post => Assert.True(post.ObservedAt > raw.Single(first => first.Id == post.Id).ObservedAt));

        await ExecuteAsync(database, "UPDATE subreddit_config SET is_active = false WHERE name = 'alpha'");
        var polls = () => server.ApiRequests.Count(request => Names(request).Contains("alpha"));
        await Eventually.TrueAsync(async () =>
        {
            var before = polls();
            await UntilPolledAsync(server, "beta", times: 10);
            return polls() == before;
        });
        Post("beta", "b2");
        Assert.Equal(["a1", "b1", "b2"], Consume(KafkaTopics.Raw, 3).Select(post => post.Id).Order());

        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, Committed(KafkaTopics.Raw));
    }

    [Fact]
    public async Task A_restart_publishes_nothing_as_new_that_is_stored_and_goes_on_refreshing()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        Post("alpha", "old", TimeSpan.FromDays(-3));
        Post("alpha", "young");
        await ExecuteAsync(database, """
            WITH added AS (INSERT INTO subreddits (name) VALUES ('alpha') RETURNING id)
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT given.id, added.id, 't', now() + given.age, now(), now(), 1, 0
            FROM added, (VALUES ('old', interval '-3 days'), ('young', interval '0')) AS given (id, age)
            """);
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("young", Assert.Single(Consume(KafkaTopics.Refresh, 1)).Id);
        Post("alpha", "fresh");
        Assert.Equal("fresh", Assert.Single(Consume(KafkaTopics.Raw, 1)).Id);

        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Committed(KafkaTopics.Raw));
    }

    [Fact]
    public async Task What_Kafka_refused_is_published_by_a_later_poll()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        Post("alpha", "a1");
        _kafka.PushRequestErrors(KafkaRequest.Produce, ErrorCode.TopicAuthorizationFailed, ErrorCode.TopicAuthorizationFailed);
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("a1", Assert.Single(Consume(KafkaTopics.Raw, 1)).Id);

        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Committed(KafkaTopics.Raw));
    }

    [Fact]
    public async Task After_an_error_that_ends_the_producer_another_one_publishes()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        Post("alpha", "a1");
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);
        Consume(KafkaTopics.Raw, 1);

        _kafka.PushRequestErrors(KafkaRequest.Produce, ErrorCode.OutOfOrderSequenceNumber);
        Post("alpha", "a2");

        Assert.Equal(["a1", "a2"], Consume(KafkaTopics.Raw, 2).Select(post => post.Id).Order());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_database_whose_name_is_not_found_is_waited_for_and_later_gone_on_without()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        var name = new LosableName();
        name.Lose();
        using var host = CreateHost(server, database, services => services.Replace(ServiceDescriptor.Singleton(_ => name.DataSource(database))));
        var starting = host.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(starting.IsCompleted || name.Asked > 1));
        Assert.False(starting.IsCompleted);
        name.GiveBack();
        await starting;
        await UntilPolledAsync(server, "alpha", times: 1);
        var running = host.Services.GetServices<IHostedService>().OfType<IngestionService>().Single().ExecuteTask!;

        name.Lose();
        await ExecuteAsync(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        var asked = name.Asked;
        // The list of subreddits is read every second.
        await Eventually.TrueAsync(() => Task.FromResult(running.IsCompleted || name.Asked > asked + 1));
        Assert.False(running.IsCompleted);
        Post("alpha", "a1");
        Assert.Equal("a1", Assert.Single(Consume(KafkaTopics.Raw, 1)).Id);

        // Its state would be written once more.
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(running.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Posts_found_while_Kafka_is_away_are_published_once_when_it_is_back()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await UntilPolledAsync(server, "alpha", times: 3);

        _kafka.SetBrokerDown(1);
        for (var i = 0; i < 150; i++)
            Post("alpha", $"a{i}");
        // Its posts are on their way; until they have arrived the listing is not asked for again.
        await UntilPolledAsync(server, "alpha", times: 1);
        _kafka.SetBrokerUp(1);

        Assert.Equal(150, Consume(KafkaTopics.Raw, 150).Select(post => post.Id).Distinct().Count());
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(150, Committed(KafkaTopics.Raw));
    }

    [Fact]
    public async Task A_post_that_Reddit_has_deleted_is_told_without_its_content()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        Post("alpha", "a1");
        Post("alpha", "a2");
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);
        Consume(KafkaTopics.Refresh, 4);

        Remove("a1");
        var removal = Consume(KafkaTopics.Refresh, post => post.RemovedByCategory is not null);

        Assert.Equal(("a1", "absent", "[deleted]"), (removal.Id, removal.RemovedByCategory, removal.Title));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Operators_find_the_state_of_every_subreddit_in_the_database()
    {
        await using var server = await StartServerAsync();
        server.Api = request => Names(request.Path).Contains("closed") ? ServerAnswer.Json("""{"reason":"private","error":403}""", 403) : Answer(request);
        var database = await CreateDatabaseAsync("alpha", "beta", "closed");
        Post("alpha", "a1");
        using var host = CreateHost(server, database);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await UntilPolledAsync(server, "closed", times: 3);
        await UntilPolledAsync(server, "alpha", times: 10);
        await host.StopAsync(TestContext.Current.CancellationToken);

        await using var dataSource = NpgsqlDataSource.Create(database);
        Assert.Equal(["alpha ok True", "beta ok True", "closed private False"], await RowsAsync(
            dataSource, "SELECT name || ' ' || status || ' ' || initcap((last_success_at IS NOT NULL)::text) FROM subreddit_state ORDER BY name"));
        Assert.Equal(["0 1 36000 seed 1"], await RowsAsync(
            dataSource, "SELECT concat_ws(' ', shard_id, shard_count, requests_limit, refresh_preset, posts_tracked) FROM ingestion_shards"));
        Assert.Equal(["2"], await RowsAsync(dataSource, "SELECT count(*)::text FROM subreddit_state WHERE backfilled_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_second_instance_of_a_shard_stands_by_and_goes_on_when_the_first_stops()
    {
        await using var server = await StartServerAsync();
        var database = await CreateDatabaseAsync("alpha");
        Post("alpha", "a1");
        using var first = CreateHost(server, database);
        await first.StartAsync(TestContext.Current.CancellationToken);
        await UntilPolledAsync(server, "alpha", times: 1);
        using var second = CreateHost(server, database);
        await second.StartAsync(TestContext.Current.CancellationToken);
        var pulse = second.Services.GetRequiredService<IngestionPulse>();
        await Eventually.TrueAsync(() => Task.FromResult(pulse.Holder is not null));
        Assert.Null(pulse.LastTurnAt);

        await first.StopAsync(TestContext.Current.CancellationToken);
        Post("alpha", "a2");
        await UntilPolledAsync(server, "alpha", times: 1);

        Assert.Null(pulse.Holder);
        Assert.Contains("a2", Consume(KafkaTopics.Raw, 2).Select(post => post.Id));
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Wrong_configuration_stops_the_start_with_every_wrong_key()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = "127.0.0.1:1",
            ["ConnectionStrings:signalflow"] = "Host=127.0.0.1;Port=1",
            ["Reddit:ClientId"] = "",
            ["Reddit:ApiBaseUrl"] = "ftp://reddit",
            ["Reddit:RequestsPerMinute"] = "0",
            ["Ingestion:Speed"] = "601",
            ["Ingestion:ShardId"] = "3",
            ["Ingestion:FastInterval"] = "00:00:00",
            ["Ingestion:RefreshPreset"] = "often",
            ["Ingestion:RefreshTiers:0:MaxAge"] = "02:00:00",
            ["Ingestion:RefreshTiers:0:Interval"] = "00:03:00",
            ["Ingestion:RefreshTiers:1:MaxAge"] = "01:00:00",
            ["Ingestion:RefreshTiers:1:Interval"] = "00:00:00.5",
        });
        builder.AddServiceDefaults();
        builder.AddIngestion();
        using var host = builder.Build();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));

        string[] keys =
        [
            "Reddit:ClientId", "Reddit:ClientSecret", "Reddit:UserAgent", "Reddit:ApiBaseUrl", "Reddit:RequestsPerMinute",
            "Ingestion:Speed", "Ingestion:ShardId", "Ingestion:FastInterval", "Ingestion:RefreshPreset",
            "Ingestion:RefreshTiers:1:MaxAge", "Ingestion:RefreshTiers:1:Interval",
        ];
        Assert.All(keys, key => Assert.Contains(key, exception.Message, StringComparison.Ordinal));
    }

    public void Dispose() => _kafka.Dispose();

    private static EmbeddedKafka StartKafka()
    {
        var kafka = EmbeddedKafka.Start(brokers: 1);
        kafka.CreateTopic(KafkaTopics.Raw, partitions: 2, replicationFactor: 1);
        kafka.CreateTopic(KafkaTopics.Refresh, partitions: 2, replicationFactor: 1);
        return kafka;
    }

    private void Post(string subreddit, string id, TimeSpan age = default)
    {
        lock (_reddit)
            _reddit.Add(subreddit, id, TimeProvider.System.GetUtcNow() + age);
    }

    private void Remove(string id)
    {
        lock (_reddit)
            _reddit.Remove(id, TimeProvider.System.GetUtcNow(), forget: true);
    }

    /// <summary>The subreddits that a request for a listing names.</summary>
    private static string[] Names(string request) =>
        request.StartsWith("/r/", StringComparison.Ordinal) ? request.Split('/')[2].Split('+') : [];

    private async Task<RedditServer> StartServerAsync()
    {
        var server = await RedditServer.StartAsync();
        server.Api = Answer;
        return server;
    }

    private ServerAnswer Answer(HttpRequest request)
    {
        lock (_reddit)
        {
            if (request.Path == "/api/info")
                return Listing(_reddit.Info(request.Query["id"].ToString().Split(',').Select(id => id[3..])));
            var after = request.Query["after"].ToString();
            return Listing(_reddit.Page(Names(request.Path), after.Length > 0 ? after : null, TimeProvider.System.GetUtcNow()));
        }
    }

    private static ServerAnswer Listing(RedditListing listing)
    {
        var children = new JsonArray([.. listing.Posts.Select(post => new JsonObject
        {
            ["kind"] = "t3",
            ["data"] = new JsonObject
            {
                ["id"] = post.Id,
                ["title"] = post.Title,
                ["subreddit"] = post.Subreddit,
                ["created_utc"] = post.CreatedUtc,
                ["score"] = post.Score,
                ["num_comments"] = post.NumComments,
                ["removed_by_category"] = post.RemovedBy,
            },
        })]);
        return ServerAnswer.Json(new JsonObject
        {
            ["kind"] = "Listing",
            ["data"] = new JsonObject { ["after"] = listing.After, ["children"] = children }
        }.ToJsonString());
    }

    private async Task<string> CreateDatabaseAsync(params string[] subreddits)
    {
        var connectionString = await postgres.CreateMigratedDatabaseAsync();
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await ExecuteAsync(connectionString, "UPDATE subreddit_config SET is_active = false");
        await new SubredditConfigStore(dataSource).ActivateAsync(subreddits, "fast", "test", TestContext.Current.CancellationToken);
        return connectionString;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private IHost CreateHost(RedditServer server, string database, Action<IServiceCollection>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = _kafka.BootstrapServers,
            ["ConnectionStrings:signalflow"] = database,
            ["Reddit:ClientId"] = "client",
            ["Reddit:ClientSecret"] = "secret",
            ["Reddit:UserAgent"] = "test",
            ["Reddit:TokenUrl"] = new Uri(server.BaseUrl, "api/v1/access_token").ToString(),
            ["Reddit:ApiBaseUrl"] = server.BaseUrl.ToString(),
            ["Ingestion:Speed"] = $"{Speed}",
        });
        builder.AddServiceDefaults();
        builder.AddIngestion();
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    private static async Task<List<string>> RowsAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }

    private PostObservation Consume(string topic, Func<PostObservation, bool> wanted) =>
        ObservationPublisherTests.Messages(_kafka.BootstrapServers, topic)
            .Select(message => JsonSerializer.Deserialize(message.Value, ContractsJsonContext.Default.PostObservation)!)
            .First(wanted);

    private List<PostObservation> Consume(string topic, int count) =>
        [.. ObservationPublisherTests.Consume(_kafka.BootstrapServers, topic, count)
            .Select(message => JsonSerializer.Deserialize(message.Value, ContractsJsonContext.Default.PostObservation)!)];

    private long Committed(string topic)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(
            new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "count" }).Build();
        return new[] { 0, 1 }.Sum(partition =>
            consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10)).High.Value);
    }

    private static async Task UntilPolledAsync(RedditServer server, string subreddit, int times)
    {
        var polls = () => server.ApiRequests.Count(request => Names(request).Contains(subreddit));
        var target = polls() + times;
        await Eventually.TrueAsync(() => Task.FromResult(polls() >= target));
    }
}
