using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Web;
using SignalFlow.RedditSimulator.Http;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Answers requests from a world without a network or a server, and keeps apart what that costs.</summary>
internal sealed class WorldTransport(SyntheticWorld world, WorldClock clock) : HttpMessageHandler
{
    private const int PageSize = 100;

    /// <summary>Processor time spent in here.</summary>
    public TimeSpan Cpu { get; private set; }

    public long Bytes { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var began = Environment.CpuUsage.TotalTime;
        var body = request.Method == HttpMethod.Post
            ? """{"access_token":"t","token_type":"bearer","expires_in":86400,"scope":"*"}"""u8.ToArray()
            : Answer(request.RequestUri!);
        Bytes += body.Length;
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body), RequestMessage = request };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Cpu += Environment.CpuUsage.TotalTime - began;
        return Task.FromResult(response);
    }

    private byte[] Answer(Uri address)
    {
        var now = clock.Now;
        var query = HttpUtility.ParseQueryString(address.Query);
        ListingPage page;
        if (address.AbsolutePath.StartsWith("/r/", StringComparison.Ordinal))
        {
            var names = Uri.UnescapeDataString(address.Segments[2].TrimEnd('/')).Split('+');
            var listing = world.NewestFirst([.. names.Select(name => world.Find(name)!)], now);
            page = query["after"] is { } after
                ? ListingPage.After(listing, world.Find(after.AsSpan("t3_".Length), now)!.Value, PageSize)
                : ListingPage.First(listing, PageSize);
        }
        else
        {
            var posts = query["id"]!.Split(',').Select(id => world.Find(id.AsSpan("t3_".Length), now)).OfType<PostKey>();
            page = new ListingPage([.. posts], false, false);
        }

        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
            ListingJson.Write(json, [.. page.Posts.Select(post => world.Describe(post, now))], page, clock.RealTimeOf, rawJson: true);
        return body.ToArray();
    }
}
