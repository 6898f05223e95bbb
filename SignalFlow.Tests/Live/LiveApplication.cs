using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Api;
using SignalFlow.Api.Access.Users;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Consuming;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Reporting;
using SignalFlow.Processing.Velocity;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace SignalFlow.Tests.Live;

/// <summary>Instances of the API on one database and one Redis, which can be stopped, and what processing does after a batch.</summary>
internal sealed class LiveApplication : IAsyncDisposable
{
    private const string Password = "a password of a test";

    private readonly List<WebApplication> _instances = [];
    private readonly ConcurrentDictionary<string, PostState> _states = [];
    private readonly ServiceProvider _processing;
    private readonly LivePublisher _publisher;
    private readonly int _redisPort;
    private readonly Action<WebApplicationBuilder>? _configure;
    private EmbeddedRedis _redis;

    private LiveApplication(MigratedDatabase database, FakeTimeProvider? time, Action<WebApplicationBuilder>? configure)
    {
        _configure = configure;
        Database = database;
        Time = time;
        _redis = EmbeddedRedis.Start();
        _redisPort = _redis.Port;
        _processing = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IConnectionMultiplexer>(ConnectionMultiplexer.Connect($"{_redis.ConnectionString},abortConnect=false,asyncTimeout=1000"))
            .AddSingleton<VelocityCache>()
            .AddSingleton<ConsumerLag>().AddSingleton<PipelineMonitor>().AddSingleton<ProcessingMetrics>()
            .AddSingleton<LivePublisher>()
            .BuildServiceProvider();
        _publisher = _processing.GetRequiredService<LivePublisher>();
    }

    public MigratedDatabase Database { get; }

    /// <summary>The clock of the API; null: the system's.</summary>
    public FakeTimeProvider? Time { get; }

    public string RedisConnectionString => $"127.0.0.1:{_redisPort}";

    public static async Task<LiveApplication> StartAsync(
        PostgresFixture postgres, bool withClock = false, int instances = 1, Action<WebApplicationBuilder>? configure = null,
        params (string Key, string Value)[] settings)
    {
        var live = new LiveApplication(
            await MigratedDatabase.CreateAsync(postgres),
            withClock ? new FakeTimeProvider(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)) : null,
            configure);
        await live._publisher.StartAsync(TestContext.Current.CancellationToken);
        for (var instance = 0; instance < instances; instance++)
            await live.AddInstanceAsync(redis: null, settings);
        return live;
    }

    /// <param name="redis">Another way to the same Redis.</param>
    /// <param name="settings">Configuration.</param>
    /// <returns>Its number.</returns>
    public async Task<int> AddInstanceAsync(string? redis, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis ?? RedisConnectionString,
            ["ConnectionStrings:signalflow"] = await ServiceUser.ConnectAsync(Database.ConnectionString, ServiceUser.Api),
            ["Api:PublicRead"] = "true",
            ["Api:Live:Interval"] = "00:00:00.050",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddSignalFlowApi();
        if (Time is not null)
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time));
        _configure?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        await app.StartAsync(TestContext.Current.CancellationToken);
        _instances.Add(app);
        return _instances.Count - 1;
    }

    public IServiceProvider Services(int instance = 0) => _instances[instance].Services;

    public Uri Address(string pathAndQuery, int instance = 0) =>
        new(new Uri(_instances[instance].Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), pathAndQuery);

    /// <summary>An access token of a new user.</summary>
    public async Task<string> TokenAsync(string role = "viewer")
    {
        await using var scope = Services().CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = new User { Id = Guid.NewGuid(), UserName = $"{role}-{Guid.NewGuid():N}", Role = role, CreatedAt = TimeProvider.System.GetUtcNow() };
        Assert.True((await users.CreateAsync(user, Password)).Succeeded);
        using var client = CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/token/", new SignInRequest(user.UserName, Password), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, TestContext.Current.CancellationToken))!.Access;
    }

    /// <summary>Without resilience: refusals are not tried again.</summary>
    public HttpClient CreateClient(int instance = 0) => new(new SocketsHttpHandler()) { BaseAddress = Address("/", instance) };

    /// <summary>A state of a post: committed, then told, as processing does it.</summary>
    public async Task<PostView> CommitAsync(PostView post)
    {
        await StoreAsync(post);
        Publish(post);
        return post;
    }

    public void Publish(params PostView[] posts) => _publisher.Publish(posts, TimeProvider.System.GetUtcNow());

    public async Task StoreAsync(params PostView[] posts)
    {
        var writer = new PostWriter(Database.DataSource, new HistoryPartitions(Database.DataSource));
        var changes = posts.Select(Change).ToList();
        var history = changes.Select(change => new HistoryEntry(change.Newest.Id, change.Newest.Subreddit, change.State.Last, 0.9)).ToList();
        Assert.Empty((await writer.WriteAsync(new(changes, history), TestContext.Current.CancellationToken)).Stale);
    }

    /// <param name="id">Its id.</param>
    /// <param name="second">When it was observed, in seconds of a day.</param>
    /// <param name="score">Its score, by which tests know the state.</param>
    public static PostView Post(
        string id, int second = 0, int score = 1, string subreddit = "technology", string tier = "normal", bool trending = false,
        params string[] keywords) => new()
        {
            Id = id,
            Title = $"Title of {id}",
            Subreddit = subreddit,
            Author = "someone",
            CreatedUtc = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero),
            FirstSeenAt = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero),
            LastPolledAt = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero).AddSeconds(second),
            CurrentScore = score,
            CurrentComments = 0,
            PollPriority = tier,
            ScoreVelocity = 0,
            CommentVelocity = 0,
            TrendingScore = trending ? 0.8 : 0,
            IsTrending = trending,
            EngagementScore = score,
            AgeMinutes = 1,
            Momentum = 1,
            Nlp = new() { SentimentScore = 0.5, SentimentLabel = "positive", Keywords = keywords },
        };

    public void StopRedis() => _redis.Dispose();

    public async Task StartRedisAgainAsync() =>
        await Eventually.TrueAsync(() =>
        {
            try
            {
                _redis = EmbeddedRedis.Start(_redisPort);
                return Task.FromResult(true);
            }
            catch (EmbeddedInfrastructureException)
            {
                return Task.FromResult(false);
            }
        });

    public Task StopInstanceAsync(int instance) => _instances[instance].StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.StopAsync();
            await instance.DisposeAsync();
        }

        await _publisher.StopAsync(CancellationToken.None);
        await _processing.DisposeAsync();
        _redis.Dispose();
        await Database.DisposeAsync();
    }

    private PostChange Change(PostView post) => new()
    {
        Newest = new()
        {
            Id = post.Id,
            Title = post.Title,
            Subreddit = post.Subreddit,
            Author = post.Author,
            CreatedUtc = post.CreatedUtc.ToUnixTimeSeconds(),
            Score = post.CurrentScore,
            NumComments = post.CurrentComments,
            PollPriority = post.PollPriority,
        },
        State = _states.AddOrUpdate(post.Id, _ => PostState.First(SampleOf(post)), (_, known) => known.Add(SampleOf(post))),
        TrendingScore = post.TrendingScore,
        IsTrending = post.IsTrending,
        Nlp = new(0.5, "positive", [.. post.Nlp!.Keywords]),
    };

    private static Sample SampleOf(PostView post) => new(post.LastPolledAt.ToUnixTimeMilliseconds() * 1000, post.CurrentScore, post.CurrentComments);
}
