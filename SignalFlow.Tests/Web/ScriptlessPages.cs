using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Web;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

/// <summary>The pages as a browser without scripts gets them; the API says what a test has it say, the clock stands.</summary>
internal sealed class ScriptlessPages : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler());
    private WebApplication? _app;

    public Answers Api { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(ScriptlessPages).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Tests ask faster than people.
        builder.Configuration["Web:AddressRequestsPerMinute"] = "0";
        builder.Services.AddServiceDiscovery();
        builder.AddSignalFlowWeb();
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(LiveFeedConnection)));
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new FakeTimeProvider(Posts.Now)));
        builder.Services.AddHttpClient(ApiClient.ServiceName).ConfigurePrimaryHttpMessageHandler(() => Api);
        _app = builder.Build();
        _app.Services.GetRequiredService<ReadingAccess>().NeedsSignIn = false;
        _app.MapSignalFlowWeb();
        await _app.StartAsync(Cancel);
        _client.BaseAddress = new(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        Api.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    /// <param name="part">A selector of the part that is streamed; what is streamed takes its place, as the browser's script has it.</param>
    public async Task<IDocument> GetAsync(string address, string part, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await _client.GetAsync(address, Cancel);
        Assert.Equal(status, answer.StatusCode);
        var parts = (await answer.Content.ReadAsStringAsync(Cancel)).Split("<blazor-ssr>");
        var parser = new HtmlParser();
        var page = parser.ParseDocument(parts[0]);
        if (parts.Length > 1)
        {
            var update = parser.ParseDocument(parts[^1]
                .Replace("<template", "<section", StringComparison.Ordinal).Replace("</template", "</section", StringComparison.Ordinal));
            if (update.QuerySelector(part) is { } streamed)
                page.QuerySelector(part)!.OuterHtml = streamed.OuterHtml;
            else
                page.QuerySelector("[data-testid=loading]")!.OuterHtml = update.Body!.InnerHtml;
        }

        return page;
    }

    public static string Text(IDocument page, string selector) => Text(page.QuerySelector(selector)!);

    public static string Text(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Stands where the network is; what nobody has added is not found.</summary>
    internal sealed class Answers : HttpMessageHandler
    {
        private readonly ConcurrentDictionary<string, string> _answers = new();

        public ConcurrentQueue<string> Requests { get; } = new();

        public HttpStatusCode? Status { get; set; }

        public void Add<T>(string path, T answer, JsonTypeInfo<T> json) => _answers[path] = JsonSerializer.Serialize(answer, json);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Enqueue(Uri.UnescapeDataString(request.RequestUri!.PathAndQuery));
            var found = _answers.TryGetValue(request.RequestUri.AbsolutePath, out var answer);
            return Task.FromResult(new HttpResponseMessage(Status ?? (found ? HttpStatusCode.OK : HttpStatusCode.NotFound))
            {
                Content = new StringContent(answer ?? "")
            });
        }
    }
}
