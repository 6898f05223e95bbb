using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Tests.Api;
using SignalFlow.Web;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

/// <summary>The UI in a process of its own beside a real API, seen by a browser that keeps cookies and follows no redirect.</summary>
internal sealed partial class WebApplicationUnderTest : IAsyncDisposable
{
    public const string ServiceKey = "0123456789abcdef0123456789abcdef";

    private readonly WebApplication _app;

    private WebApplicationUnderTest(WebApplication app, FakeTimeProvider time)
    {
        (_app, Time) = (app, time);
        Browser = NewBrowser(Cookies);
    }

    public FakeTimeProvider Time { get; }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Browser { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Urls.First());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<WebApplicationUnderTest> StartAsync(ApiApplication api, Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:api:http:0"] = api.Address.ToString(),
            ["Web:ApiKey"] = ServiceKey,
            // Tests ask faster than people.
            ["Web:AddressRequestsPerMinute"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        builder.AddSignalFlowWeb();
        var time = new FakeTimeProvider(api.Time.GetUtcNow());
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        var app = builder.Build();
        app.MapSignalFlowWeb();
        await app.StartAsync(Cancel);
        var feed = app.Services.GetRequiredService<PostFeed>();
        await Infrastructure.Eventually.TrueAsync(() => Task.FromResult(feed.Connection.State == LiveState.Live));
        return new(app, time);
    }

    public HttpClient NewBrowser(CookieContainer cookies) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = Address };

    /// <summary>Fills in the form of a page and sends it, with the token that the page has in it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await Browser.GetStringAsync(page, Cancel);
        using var form = new FormUrlEncodedContent([
            new("__RequestVerificationToken", Token().Match(html).Groups[1].Value), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);
        return await Browser.PostAsync(action, form, Cancel);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password, string page = "/sign-in") =>
        SubmitAsync(page, page, ("_handler", "sign-in"), ("Input.Username", name), ("Input.Password", password));

    public Task<HttpResponseMessage> SignOutAsync() => SubmitAsync("/about", "/sign-out");

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
