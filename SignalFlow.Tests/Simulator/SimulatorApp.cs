using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.RedditSimulator;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

/// <summary>The simulator behind a real Kestrel on a free port, with a clock that stands until a test moves it.</summary>
internal sealed class SimulatorApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorApp(WebApplication app, FakeTimeProvider time)
    {
        _app = app;
        Time = time;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public static DateTimeOffset Epoch { get; } = new(2026, 3, 5, 6, 30, 0, TimeSpan.Zero);

    public FakeTimeProvider Time { get; }

    public HttpClient Client { get; }

    public SimulatedReddit Reddit => _app.Services.GetRequiredService<SimulatedReddit>();

    private WorldClock Clock => _app.Services.GetRequiredService<WorldClock>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<SimulatorApp> StartAsync(params (string Key, object Value)[] settings) =>
        StartAsync(new FakeTimeProvider(Epoch), settings);

    public static async Task<SimulatorApp> StartAsync(FakeTimeProvider time, params (string Key, object Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create($"Simulator:{s.Key}", (string?)FormattableString.Invariant($"{s.Value}"))));
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.AddRedditSimulator();
        var app = builder.Build();
        app.MapRedditSimulator();
        await app.StartAsync(Cancel);
        // The world goes on from the first look; tests count from here.
        app.Services.GetRequiredService<WorldClock>().Begin();
        return new SimulatorApp(app, time);
    }

    public void Advance(TimeSpan real)
    {
        Time.Advance(real);
        Clock.ExtendLease();
    }

    public async Task<HttpResponseMessage> RequestTokenAsync(string credentials = "id:secret", string body = "grant_type=client_credentials")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/access_token")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return await Client.SendAsync(request, Cancel);
    }

    public async Task<SimulatorApp> AuthorizeAsync(string credentials = "id:secret")
    {
        using var response = await RequestTokenAsync(credentials);
        using var token = await ReadAsync(response);
        Client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", token.RootElement.GetProperty("access_token").GetString());
        return this;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, HttpCompletionOption.ResponseContentRead, Cancel);

    public async Task<JsonElement> ListAsync(string path)
    {
        using var response = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var document = await ReadAsync(response);
        return document.RootElement.GetProperty("data").Clone();
    }

    public async Task<List<JsonElement>> PostsAsync(string path) => Posts(await ListAsync(path));

    public async Task<HttpResponseMessage> PutFaultsAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await Client.PutAsync("/simulator/faults", content, Cancel);
    }

    public static List<JsonElement> Posts(JsonElement listing) =>
        [.. listing.GetProperty("children").EnumerateArray().Select(child => child.GetProperty("data"))];

    public static async Task<JsonDocument> ReadAsync(HttpResponseMessage response) =>
        await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Cancel), cancellationToken: Cancel);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
