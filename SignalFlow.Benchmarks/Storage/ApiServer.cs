using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SignalFlow.Api;
using SignalFlow.Api.Answers;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts;
using SignalFlow.Embedded;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using StackExchange.Redis;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>The API as it runs, in this process, on the database that is measured, and one client of it.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmbeddedRedis _redis;

    private ApiServer(WebApplication app, EmbeddedRedis redis)
    {
        _app = app;
        _redis = redis;
        Client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        Client.BaseAddress = new Uri(app.Urls.First());
        Client.Timeout = TimeSpan.FromMinutes(10);
    }

    public HttpClient Client { get; }

    public static async Task<ApiServer> StartAsync(FilledDatabase database, CancellationToken cancellationToken)
    {
        var redis = EmbeddedRedis.Start();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Api:PublicRead"] = "true",
            ["ConnectionStrings:redis"] = $"{redis.ConnectionString},allowAdmin=true",
            ["ConnectionStrings:signalflow"] = database.ConnectionString,
        });
        builder.Services.AddSingleton<TimeProvider>(new ShiftedClock(database.Data.Now));
        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddSignalFlowApi();
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        await app.StartAsync(cancellationToken);
        return new(app, redis);
    }

    /// <summary>So that the next request for statistics computes them.</summary>
    public async Task ForgetAnswersAsync()
    {
        var redis = _app.Services.GetRequiredService<IConnectionMultiplexer>();
        // The API does not wait until its answer is kept; what is sent after it on the same connection comes after it.
        await redis.GetDatabase().ExecuteAsync("FLUSHDB");
        _app.Services.GetRequiredService<AnswerCache>().Forget();
    }

    /// <summary>The cursor to any place of a list, without paging to it.</summary>
    public async Task<string> CursorAsync(string query, PostCursor place, CancellationToken cancellationToken)
    {
        var values = QueryHelpers.ParseQuery(query);
        var request = new PostListRequest(
            Value("subreddit"), Value("author"), Value("flair"), Value("trending"), Value("over_18"), Value("phase"), Value("min_score"), Value("max_score"),
            Value("sentiment"), Value("min_sentiment"), Value("max_sentiment"), Value("keyword"), Value("q"), Value("start"), Value("end"),
            Value("sort"), Value("page_size"), Cursor: null);
        var seal = await _app.Services.GetRequiredService<CursorSeals>().GetAsync(cancellationToken);
        return PostFilter.TryParse(request, place.AsOf, seal, out var filter, out _)
            ? place.Encode(seal, filter.Scope)
            : throw new InvalidOperationException($"{query} is no filter.");

        string? Value(string name) => values.GetValueOrDefault(name);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _redis.Dispose();
    }
}
