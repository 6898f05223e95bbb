using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Api;
using SignalFlow.Api.Access.Setup;
using SignalFlow.Api.Access.Users;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;
using SignalFlow.Tests.Infrastructure;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace SignalFlow.Tests.Api;

/// <summary>The API as it runs, over HTTP, on a database and a Redis of its own, with a clock that stands still.</summary>
internal sealed class ApiApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmbeddedRedis _redis;

    private ApiApplication(WebApplication app, MigratedDatabase database, EmbeddedRedis redis, FakeTimeProvider time)
    {
        _app = app;
        _redis = redis;
        Database = database;
        Time = time;
        Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = NewClient();
    }

    public MigratedDatabase Database { get; }

    public FakeTimeProvider Time { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Everything that is mapped.</summary>
    public IEnumerable<Endpoint> Endpoints => _app.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints);

    public IServiceProvider Services => _app.Services;

    public FirstAdmin FirstAdmin => _app.Services.GetRequiredService<FirstAdmin>();

    private bool OwnsDatabase { get; init; }

    public const string Password = "correct horse battery";

    private Dictionary<string, PostState> Stored { get; } = [];

    public static async Task<ApiApplication> StartAsync(
        PostgresFixture postgres, Action<IServiceCollection>? configure = null, Dictionary<string, string?>? settings = null,
        string? signedInAs = null, MigratedDatabase? database = null)
    {
        var ownsDatabase = database is null;
        database ??= await MigratedDatabase.CreateAsync(postgres);
        // A database that a test brings may be on a server without other users.
        var connection = ownsDatabase ? await ServiceUser.ConnectAsync(database.ConnectionString, ServiceUser.Api) : database.ConnectionString;
        var redis = EmbeddedRedis.Start();
        var time = new FakeTimeProvider(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["ConnectionStrings:signalflow"] = connection,
            ["Api:PublicRead"] = "true",
            // Tests ask faster than people.
            ["Api:AddressRequestsPerMinute"] = "0",
            ["Api:SignInsPerMinute"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddSignalFlowApi();
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        await app.StartAsync(TestContext.Current.CancellationToken);
        var application = new ApiApplication(app, database, redis, time) { OwnsDatabase = ownsDatabase };
        if (signedInAs is not null)
            application.Client.DefaultRequestHeaders.Authorization = (await application.ClientAsAsync(signedInAs)).DefaultRequestHeaders.Authorization;
        return application;
    }

    public async Task StoreAsync(params PostChange[] posts)
    {
        var writer = new PostWriter(Database.DataSource, new HistoryPartitions(Database.DataSource));
        var history = posts.SelectMany(post => new[] { post.State.Previous, post.State.Last }.OfType<Sample>()
            .Where(sample => sample.At != PostState.Never)
            .Select(sample => new HistoryEntry(post.Newest.Id, post.Newest.Subreddit, sample, post.Newest.UpvoteRatio)));
        Assert.Empty((await writer.WriteAsync(new([.. posts], [.. history]), TestContext.Current.CancellationToken)).Stale);
        foreach (var post in posts)
            Stored[post.Newest.Id] = post.State;
    }

    /// <summary>What housekeeping does every few seconds: what is stored shows in the figures.</summary>
    public async Task CountAsync()
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await PostRollup.RunAsync(connection, TestContext.Current.CancellationToken);
        await AuthorRollup.RunAsync(connection, TestContext.Current.CancellationToken);
    }

    /// <param name="createdMinutesAgo">Before the standing clock.</param>
    public PostChange Post(
        string id, double createdMinutesAgo = 10, int score = 1, int comments = 0, string subreddit = "technology", string title = "A title",
        PostState? state = null)
    {
        var now = Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        return new()
        {
            Newest = new()
            {
                Id = id,
                Title = title,
                Subreddit = subreddit,
                Author = "someone",
                CreatedUtc = now / 1e6 - createdMinutesAgo * 60,
                Score = score,
                NumComments = comments,
                UpvoteRatio = 0.97,
            },
            State = state ?? PostState.First(new(now - 1_000_000, score, comments)),
            TrendingScore = 0.2,
            IsTrending = false,
            Nlp = new(0.34, "positive", ["one", "two words"]),
        };
    }

    /// <summary>The end of a post as an absent one has it: no observation of its own, the counters it had.</summary>
    public PostChange Purged(string id, DateTimeOffset at, string reason, PostState? state = null)
    {
        var post = Post(id, state: state);
        var stored = Stored.GetValueOrDefault(id, post.State);
        return post with { State = state ?? stored, Nlp = null, Purge = new(at.ToUnixTimeMilliseconds() * 1000, reason) };
    }

    /// <summary>Of a user with this role, who is made for it and signed in.</summary>
    public async Task<HttpClient> ClientAsAsync(string role)
    {
        var name = await AddUserAsync(role);
        var client = NewClient();
        using var answer = await client.PostAsJsonAsync("/api/token/", new SignInRequest(name, Password), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        var tokens = await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, TestContext.Current.CancellationToken);
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens!.Access);
        return client;
    }

    // Not the application's own: that one asks again when an answer is an error.
    private HttpClient NewClient() => new(new SocketsHttpHandler()) { BaseAddress = Address };

    /// <summary>An access token of such a user.</summary>
    public async Task<string> TokenAsync(string role)
    {
        using var client = await ClientAsAsync(role);
        return client.DefaultRequestHeaders.Authorization!.Parameter!;
    }

    /// <summary>An API key of such a user.</summary>
    public async Task<string> KeyAsync(string role, params string[] scopes)
    {
        using var client = await ClientAsAsync(role);
        using var answer = await client.PostAsJsonAsync(
            "/api/account/keys/", new NewApiKey("a key", scopes, null), ContractsJsonContext.Default.NewApiKey,
            TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedApiKey, TestContext.Current.CancellationToken))!.Secret;
    }

    /// <returns>The user's name; the password is <see cref="Password"/>.</returns>
    public async Task<string> AddUserAsync(string role, string? name = null)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = new User { Id = Guid.NewGuid(), UserName = name ?? $"{role}-{Guid.NewGuid():N}", Role = role, CreatedAt = Time.GetUtcNow() };
        Assert.True((await users.CreateAsync(user, Password)).Succeeded);
        return user.UserName;
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _redis.Dispose();
        if (OwnsDatabase)
            await Database.DisposeAsync();
    }
}
