using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SignalFlow.Web;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

/// <summary>The UI inside another service's application, as Standalone has it.</summary>
public sealed class WebHostTests : IAsyncLifetime
{
    private readonly HttpClient _client;
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false };
    private WebApplication _app = null!;

    public WebHostTests() => _client = new HttpClient(_handler, disposeHandler: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = Build();
        await _app.StartAsync(Cancel);
        _client.BaseAddress = new(_app.Urls.First());
    }

    private static WebApplication Build(Action<IServiceCollection>? change = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(WebHostTests).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddServiceDiscovery();
        builder.AddSignalFlowWeb();
        // No API here: the pages must stand without it.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(LiveFeedConnection)));
        change?.Invoke(builder.Services);
        var app = builder.Build();
        app.Services.GetRequiredService<ReadingAccess>().NeedsSignIn = false;
        app.MapSignalFlowWeb();
        app.MapPost("/api/echo", () => Results.Text("api"));
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task The_first_answer_has_the_newest_posts_in_it()
    {
        _app.Services.GetRequiredService<PostFeed>().Apply(Posts.Range(1, 3));
        var page = await _client.GetStringAsync("/", Cancel);
        Assert.Contains("Post number 3", page, StringComparison.Ordinal);
        Assert.Single(page.Split("<h1").Skip(1));
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_an_error_has_the_headers_too()
    {
        // A page that cannot be made.
        await using var app = Build(services => services.RemoveAll<ApiClient>());
        await app.StartAsync(Cancel);

        using var answer = await _client.GetAsync(new Uri(new(app.Urls.First()), "/subreddits"), Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("Something went wrong", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("strict-origin-when-cross-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("frame-ancestors 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/app.css")]
    [InlineData("/feed.css")]
    [InlineData("/feed.js")]
    [InlineData("/analytics.css")]
    [InlineData("/charts.css")]
    [InlineData("/ops.css")]
    [InlineData("/ops.js")]
    [InlineData("/theme.js")]
    [InlineData("/reconnect.js")]
    [InlineData("/favicon.svg")]
    [InlineData("/_framework/blazor.web.js")]
    public async Task Assets_have_the_same_paths_inside_another_application(string path)
    {
        using var answer = await _client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Every_script_of_the_page_is_a_file_of_ours_and_the_policy_allows_no_other()
    {
        using var answer = await _client.GetAsync("/", Cancel);
        Assert.Contains("script-src 'self';", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        var page = await answer.Content.ReadAsStringAsync(Cancel);
        foreach (var script in page.Split("<script").Skip(1))
        {
            Assert.Matches("^[^>]* src=\"[^:/]", script);
            Assert.StartsWith("></script>", script[script.IndexOf('>', StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_page_says_so_in_the_shell()
    {
        using var answer = await _client.GetAsync("/no/such/page", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("Nothing here", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/API/nothing")]
    [InlineData("/ws/nothing")]
    [InlineData("/hubs/nothing")]
    [InlineData("/health/nothing")]
    [InlineData("/dlq/nothing")]
    [InlineData("/openapi/nothing")]
    public async Task Addresses_of_other_services_keep_their_own_answers(string path)
    {
        using var answer = await _client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(Cancel));
        Assert.False(answer.Headers.Contains("Content-Security-Policy"));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK, HttpStatusCode.SwitchingProtocols)]
    [InlineData("http://{host}", HttpStatusCode.OK, HttpStatusCode.SwitchingProtocols)]
    [InlineData("https://{HOST}", HttpStatusCode.OK, HttpStatusCode.SwitchingProtocols)]
    [InlineData("https://elsewhere.example", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("http://localhost", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("http://{host}.elsewhere.example", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task Pages_of_foreign_origins_get_no_circuit(string? origin, HttpStatusCode negotiation, HttpStatusCode connection)
    {
        origin = origin?.Replace("{host}", _client.BaseAddress!.Authority, StringComparison.OrdinalIgnoreCase);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
            socket.Options.SetRequestHeader("Origin", origin);
        }

        using var answer = await _client.SendAsync(request, Cancel);
        await socket.ConnectAsync(new UriBuilder(_client.BaseAddress!) { Scheme = "ws", Path = "/_blazor" }.Uri, Cancel)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal((negotiation, connection), (answer.StatusCode, socket.HttpStatusCode));
    }

    [Fact]
    public async Task A_post_to_the_api_needs_no_antiforgery_token()
    {
        using var form = new FormUrlEncodedContent([new("a", "b")]);
        using var answer = await _client.PostAsync("/api/echo", form, Cancel);
        Assert.Equal("api", await answer.Content.ReadAsStringAsync(Cancel));
    }
}
