using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

/// <summary>An HTTP server on a free loopback port that answers as a test says, and a real client of it.</summary>
internal sealed class RedditServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _tokens;

    private RedditServer(WebApplication app) => _app = app;

    /// <summary>What the API answers; the argument is the request with path, query and headers.</summary>
    public Func<HttpRequest, ServerAnswer> Api { get; set; } = _ => ServerAnswer.Json("""{"kind":"Listing","data":{"children":[]}}""");

    /// <summary>What the token endpoint answers; the argument counts its requests from 1.</summary>
    public Func<int, ServerAnswer> Token { get; set; } =
        count => ServerAnswer.Json($$"""{"access_token":"token-{{count}}","token_type":"bearer","expires_in":3600,"scope":"*"}""");

    public ConcurrentQueue<string> ApiRequests { get; } = [];
    public ConcurrentQueue<string> TokenRequests { get; } = [];

    public Uri BaseUrl => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<RedditServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new RedditServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public RedditOptions Options => new()
    {
        ClientId = "client",
        ClientSecret = "secret",
        UserAgent = "test:signalflow:v1 (by /u/tester)",
        TokenUrl = new Uri(BaseUrl, "api/v1/access_token"),
        ApiBaseUrl = BaseUrl,
    };

    /// <summary>The services of the real client, pointed at this server.</summary>
    public ServiceProvider CreateServices(TimeProvider? time = null, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton<IngestionMetrics>();
        configure?.Invoke(services);
        services.AddRedditClient();
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(Options));
        return services.BuildServiceProvider();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        ServerAnswer answer;
        if (request.Path == "/api/v1/access_token" && request.Method == "POST")
        {
            using var reader = new StreamReader(request.Body);
            TokenRequests.Enqueue($"{request.Headers.Authorization} {await reader.ReadToEndAsync(context.RequestAborted)}");
            answer = Token(Interlocked.Increment(ref _tokens));
        }
        else
        {
            ApiRequests.Enqueue(request.Path + request.QueryString);
            answer = Api(request);
        }

        if (answer.Cut)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Body.Length > 0)
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}

internal sealed record ServerAnswer(int Status, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers, bool Cut = false)
{
    public static ServerAnswer CutOff { get; } = new(0, [], [], Cut: true);

    public static ServerAnswer Json(string body, int status = 200, params (string, string)[] headers) =>
        new(status, System.Text.Encoding.UTF8.GetBytes(body), [("Content-Type", "application/json; charset=UTF-8"), .. headers]);
}
