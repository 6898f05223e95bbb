using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Ingestion;

/// <summary>The whole service at full speed, over HTTP, Kafka's protocol and PostgreSQL.</summary>
public sealed class IngestionServiceTests(PostgresFixture postgres) : IDisposable
{
    private const int Speed = 600;

    private readonly EmbeddedKafka _kafka = StartKafka();
    private readonly ConcurrentDictionary<string, SimulatedListing> _listings = new(StringComparer.OrdinalIgnoreCase);

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
        var polls = () => server.ApiRequests.Count(request => request.StartsWith("/r/alpha/", StringComparison.Ordinal));
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
        });
        builder.AddServiceDefaults();
        builder.AddIngestion();
        using var host = builder.Build();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));

        string[] keys =
        [
            "Reddit:ClientId", "Reddit:ClientSecret", "Reddit:UserAgent", "Reddit:ApiBaseUrl", "Reddit:RequestsPerMinute",
            "Ingestion:Speed", "Ingestion:ShardId", "Ingestion:FastInterval",
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
        var listing = _listings.GetOrAdd(subreddit, name => new SimulatedListing(name));
        lock (listing)
            listing.Add(id, TimeProvider.System.GetUtcNow() + age);
    }

    private async Task<RedditServer> StartServerAsync()
    {
        var server = await RedditServer.StartAsync();
        server.Api = Answer;
        return server;
    }

    private ServerAnswer Answer(HttpRequest request)
    {
        if (request.Path == "/api/info")
        {
            var ids = request.Query["id"].ToString().Split(',').Select(id => id[3..]).ToHashSet();
            return Listing([.. _listings.Values.SelectMany(Snapshot).Where(post => ids.Contains(post.Id))]);
        }

        var name = request.Path.Value!.Split('/')[2];
        return Listing(_listings.TryGetValue(name, out var listing) ? Snapshot(listing) : []);

        static RedditPost[] Snapshot(SimulatedListing listing)
        {
            lock (listing)
                return [.. listing.Page(null).Posts];
        }
    }

    private static ServerAnswer Listing(IReadOnlyList<RedditPost> posts)
    {
        var children = new JsonArray([.. posts.Select(post => new JsonObject
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
            },
        })]);
        return ServerAnswer.Json(new JsonObject { ["kind"] = "Listing", ["data"] = new JsonObject { ["children"] = children } }.ToJsonString());
    }

    private async Task<string> CreateDatabaseAsync(params string[] subreddits)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        using var loggers = LoggerFactory.Create(_ => { });
        var migrator = new DatabaseMigrator(dataSource, TimeProvider.System, loggers.CreateLogger<DatabaseMigrator>());
        await migrator.MigrateAsync(TestContext.Current.CancellationToken);
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

    private IHost CreateHost(RedditServer server, string database)
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
        return builder.Build();
    }

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
        var polls = () => server.ApiRequests.Count(request => request.StartsWith($"/r/{subreddit}/", StringComparison.Ordinal));
        var target = polls() + times;
        await Eventually.TrueAsync(() => Task.FromResult(polls() >= target));
    }
}
