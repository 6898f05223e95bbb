using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.AspNetCore.Components;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Web;

namespace SignalFlow.Tests.Security;

/// <summary>What strangers write stays text, wherever it is shown, sent or written down.</summary>
public sealed partial class HostileInputTests(HostileWorld world) : IClassFixture<HostileWorld>
{
    private static readonly string[] Addresses = ["href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"];

    // Parameters of pages, whichever they take.
    private static readonly string[] Parameters =
    [
        "q", "keyword", "author", "actor", "target", "subreddit", "words", "text", "flair", "return", "token",
        "range", "sort", "by", "cursor", "state", "id"
    ];

    // Shorter ones may be part of something else.
    private const int Distinctive = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_show_it_as_text()
    {
        var pages = await PagesAsync();
        Assert.True(pages.Count > 60);
        var shown = 0;
        foreach (var page in pages)
        {
            using var answer = await world.Browser.GetAsync(page, Cancel);
            Assert.True((int)answer.StatusCode < 500, $"{page}: {answer.StatusCode}");
            AssertHeaders(answer, page);
            if (answer.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            // Parts that are streamed come in templates, which a parser keeps apart.
            foreach (var part in html.Split("<blazor-ssr>").Select(part => part.Replace("<template", "<section", StringComparison.Ordinal)))
                AssertHarmless(page, new HtmlParser().ParseDocument(part));
            shown += html.Contains(HostileTexts.Marker, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        }

        // Most of them have something to show.
        Assert.True(shown > pages.Count / 2, $"Only {shown} of {pages.Count} pages showed anything of it.");
    }

    [Fact]
    public async Task Every_answer_of_the_api_is_well_formed_and_no_header_has_any_of_it()
    {
        var titles = 0;
        foreach (var address in await ReadAddressesAsync())
        {
            using var answer = await world.Api.Client.GetAsync(address, Cancel);
            Assert.True((int)answer.StatusCode < 500, $"{address}: {answer.StatusCode}");
            AssertHeaders(answer, address);
            if (answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) != true)
                continue;
            var body = await answer.Content.ReadAsStringAsync(Cancel);
            using var json = JsonDocument.Parse(body);
            titles += body.Contains(HostileTexts.Marker, StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(titles > 20, $"Only {titles} answers had anything of it.");
    }

    [Fact]
    public async Task A_csv_has_no_cell_that_a_spreadsheet_runs_and_all_the_texts()
    {
        var file = await world.Api.Client.GetStringAsync("/api/posts/export?format=csv", Cancel);
        using var text = new StringReader(file);
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        Assert.True(await csv.ReadAsync() && csv.ReadHeader());
        var texts = csv.HeaderRecord!.Where(name =>
            name is "id" or "title" or "subreddit" or "author" or "url" or "permalink" or "keywords" or "sentiment_label" or "poll_priority").ToList();
        var titles = new List<string>();
        while (await csv.ReadAsync())
        {
            Assert.All(texts, name => Assert.False(
                csv.GetField(name) is [var first, ..] && HostileTexts.FormulaStarts.Contains(first, StringComparison.Ordinal), csv.GetField(name)));
            titles.Add(csv.GetField("title")!);
        }

        // The apostrophes are all that was done to them.
        Assert.Equal(HostileTexts.All.Order(StringComparer.Ordinal), titles.Select(title => Apostrophe().Replace(title, "")).Order(StringComparer.Ordinal));
        // Elsewhere a spreadsheet splits the same file at other signs.
        foreach (var delimiter in (string[])[";", "\t"])
        {
            using var again = new StringReader(file);
            using var split = new CsvParser(again, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = delimiter, BadDataFound = null });
            var cells = 0;
            while (await split.ReadAsync())
            {
                cells += split.Count;
                Assert.DoesNotContain(split.Record!, cell => cell.TrimStart('"') is [var first, ..] && "=+-@＝＋－＠".Contains(first, StringComparison.Ordinal));
            }

            Assert.True(cells > HostileTexts.All.Count);
        }
    }

    [Fact]
    public async Task Ndjson_has_a_line_for_each_post()
    {
        var lines = (await world.Api.Client.GetStringAsync("/api/posts/export?format=ndjson", Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            HostileTexts.All.Order(StringComparer.Ordinal),
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("title").GetString()!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("atom")]
    [InlineData("json")]
    public async Task Feeds_are_well_formed_and_lead_to_the_web_only(string format)
    {
        using var searches = JsonDocument.Parse(await world.Api.Client.GetStringAsync("/api/account/searches/", Cancel));
        var search = searches.RootElement.GetProperty("results")[0].GetProperty("id").GetInt64();
        using var made = await world.Api.Client.PostAsync($"/api/account/searches/{search}/feed", null, Cancel);
        using var address = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancel));
        var feed = await world.Api.Client.GetStringAsync(address.RootElement.GetProperty(format).GetString(), Cancel);

        List<string> links;
        if (format == "atom")
        {
            links = [.. XDocument.Parse(feed).Descendants().Attributes("href").Select(href => href.Value)];
        }
        else
        {
            using var json = JsonDocument.Parse(feed);
            links = [.. json.RootElement.GetProperty("items").EnumerateArray().SelectMany(item => item.EnumerateObject())
                .Where(field => field.Name.EndsWith("url", StringComparison.Ordinal) && field.Value.ValueKind == JsonValueKind.String)
                .Select(field => field.Value.GetString()!)];
        }

        Assert.True(links.Count > 20);
        Assert.All(links, link => Assert.True(
            link.StartsWith("https://", StringComparison.Ordinal) || link.StartsWith("http://", StringComparison.Ordinal), link));
    }

    [Fact]
    public async Task Live_messages_are_one_line_of_json_each_by_web_socket_and_event_stream()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new($"ws://{world.Api.Address.Authority}/ws/posts/"), Cancel);
        using var events = await world.Api.Client.GetStreamAsync("/api/stream/", Cancel);
        using var lines = new StreamReader(events);
        await world.ObserveAgainAsync();

        var bySocket = new HashSet<string>();
        while (bySocket.Count < HostileTexts.All.Count)
            AddTitles(await SoonAsync(MessageAsync(socket)), bySocket);
        var byEvents = new HashSet<string>();
        while (byEvents.Count < HostileTexts.All.Count)
        {
            var line = (await SoonAsync(lines.ReadLineAsync(Cancel).AsTask()))!;
            Assert.Matches("^(data: \\{.*\\}|event: [a-z.]+|id: [-0-9]+|retry: [0-9]+|:.*|)$", line);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                AddTitles(line[6..], byEvents);
        }

        Assert.Equal(HostileTexts.All.Order(StringComparer.Ordinal), bySocket.Order(StringComparer.Ordinal));
        Assert.Equal(HostileTexts.All.Order(StringComparer.Ordinal), byEvents.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Metrics_have_no_line_that_is_none()
    {
        // The API's process has Processing's figures, too: they are in one.
        var lines = (await world.Api.Client.GetStringAsync("/metrics", Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 100);
        Assert.All(lines, line => Assert.Matches("""^(# .*|[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)*\})? [-+.\w]+( \d+)?)$""", line));
        Assert.DoesNotContain(lines, line => line.StartsWith("signalflow_hostile", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_lines_are_one_line_each_and_have_no_posts_in_them()
    {
        // Hashing a password takes long by design.
        using (var signIn = await world.Api.Client.PostAsync(
            "/api/token/", Json(new { username = "hostile\n\u001b[31mhostile", password = "hostile" }), Cancel))
            Assert.Equal(HttpStatusCode.Unauthorized, signIn.StatusCode);
        foreach (var text in HostileTexts.All.Where(text => text.Length < 200))
        {
            using var key = await world.Api.Client.PostAsync("/api/account/keys/", Json(new { name = text, scopes = new[] { "read" } }), Cancel);
            using var nowhere = await world.Api.Client.DeleteAsync("/api/nowhere/" + Uri.EscapeDataString(text), Cancel);
            Assert.All([key, nowhere], answer => Assert.True((int)answer.StatusCode < 500));
            if (key.StatusCode != HttpStatusCode.Created)
                continue;
            // Its name stands in the log of what it does.
            using var made = JsonDocument.Parse(await key.Content.ReadAsStringAsync(Cancel));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/account/searches/");
            request.Headers.Authorization = new("Bearer", made.RootElement.GetProperty("secret").GetString());
            using var used = await world.Api.Client.SendAsync(request, Cancel);
            // Nobody has more than a few.
            var id = made.RootElement.GetProperty("key").GetProperty("id").GetInt64();
            using var revoked = await world.Api.Client.DeleteAsync(string.Create(CultureInfo.InvariantCulture, $"/api/account/keys/{id}/"), Cancel);
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        }

        var written = world.Log.Where(record => record.Category?.StartsWith("SignalFlow", StringComparison.Ordinal) == true)
            .Select(record => record.Message).ToList();
        Assert.True(written.Count > 100);
        Assert.All(written, line => Assert.False(line.Any(letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\u202e'), line));
        // Of whatever library, and what it throws. Names of keys and paths are users' own; what Reddit may delete is nowhere.
        var posted = HostileTexts.All.Where(text => text.Length >= Distinctive).ToList();
        var all = world.Log.Select(record => UsersOwn().Replace($"{record.Message}\n{record.Exception}", ""));
        Assert.DoesNotContain(all, line => posted.Exists(text => line.Contains(text, StringComparison.Ordinal)));
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");

    private static void AddTitles(string message, HashSet<string> titles)
    {
        using var json = JsonDocument.Parse(message);
        if (!json.RootElement.TryGetProperty("posts", out var posts))
            return;
        foreach (var post in posts.EnumerateArray())
            titles.Add(post.GetProperty("title").GetString()!);
    }

    // Messages have a distance in time, and the clock stands.
    private async Task<T> SoonAsync<T>(Task<T> receiving)
    {
        await Eventually.TrueAsync(() =>
        {
            world.Api.Time.Advance(TimeSpan.FromMilliseconds(50));
            return Task.FromResult(receiving.IsCompleted);
        });
        return await receiving;
    }

    private static async Task<string> MessageAsync(ClientWebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return System.Text.Encoding.UTF8.GetString(message.ToArray());
    }

    /// <summary>Every page that there is, of every third post, and with such texts in every parameter.</summary>
    private async Task<List<string>> PagesAsync()
    {
        using var posts = JsonDocument.Parse(await world.Api.Client.GetStringAsync("/api/posts/?page_size=200", Cancel));
        using var rules = JsonDocument.Parse(await world.Api.Client.GetStringAsync("/api/alerts/rules/", Cancel));
        var ids = posts.RootElement.GetProperty("results").EnumerateArray()
            .ToDictionary(post => post.GetProperty("id").GetString()!, post => post.GetProperty("subreddit").GetString()!);
        Assert.Equal(HostileTexts.All.Count, ids.Count);
        var story = await world.Api.Database.ScalarAsync<long>("SELECT coalesce(max(story), 1) FROM post_stories");
        var pages = new List<string>();
        foreach (var route in typeof(WebExtensions).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template))
        {
            IEnumerable<string> chosen = route switch
            {
                "/posts/{Id}" => ids.Keys.Where((_, index) => index % 3 == 0).Select(id => "/posts/" + Uri.EscapeDataString(id)),
                "/subreddits/{Name}" => ids.Values.Distinct().Select(name => "/subreddits/" + Uri.EscapeDataString(name)),
                "/stories/{Id}" => [$"/stories/{story}", "/stories/" + Uri.EscapeDataString(HostileTexts.Reflected[0])],
                "/alerts/rules/{Id:long}" => [$"/alerts/rules/{rules.RootElement.GetProperty("results")[0].GetProperty("id").GetInt64()}"],
                _ => [route, .. HostileTexts.Reflected.Take(2).Select(text =>
                    $"{route}?{string.Join('&', Parameters.Select(name => $"{name}={Uri.EscapeDataString(text)}"))}")],
            };
            pages.AddRange(chosen);
        }

        return pages;
    }

    /// <summary>Every address that is read from, as it is and with such a text in each of its parameters.</summary>
    private async Task<List<string>> ReadAddressesAsync()
    {
        var id = Uri.EscapeDataString(await world.Api.Database.ScalarAsync<string>("SELECT max(id) FROM posts WHERE id LIKE '%script%'"));
        var addresses = new List<string>();
        foreach (var (path, item) in (await OpenApiTests.DocumentAsync(world.Api)).Paths)
        {
            // A stream does not end.
            if (!item.Operations!.TryGetValue(HttpMethod.Get, out var operation) || path.StartsWith("/api/stream", StringComparison.Ordinal))
                continue;
            var address = PathParameter().Replace(path, path.StartsWith("/api/posts", StringComparison.Ordinal) ? id : "1");
            addresses.Add(address);
            addresses.AddRange((operation.Parameters ?? []).Where(parameter => parameter.In == Microsoft.OpenApi.ParameterLocation.Query)
                .Select(parameter => $"{address}?{parameter.Name}={Uri.EscapeDataString(HostileTexts.Reflected[0])}"));
        }

        return addresses;
    }

    private static void AssertHeaders(HttpResponseMessage answer, string asked)
    {
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            // An address that was asked for may come back in one, as an address.
            var isAddress = name is "Location" or "Link";
            Assert.False(name.Contains(HostileTexts.Marker, StringComparison.OrdinalIgnoreCase), asked);
            foreach (var value in values)
            {
                Assert.True(isAddress || name is "Set-Cookie" || !value.Contains(HostileTexts.Marker, StringComparison.Ordinal), $"{asked} → {name}: {value}");
                Assert.DoesNotContain('<', value);
                if (isAddress)
                    Assert.Matches("^(/(?![/\\\\])|http://127\\.0\\.0\\.1:)", value.TrimStart('<'));
            }
        }

        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.NotEmpty(answer.Headers.GetValues("Referrer-Policy").Single());
    }

    private static void AssertHarmless(string page, IDocument document)
    {
        foreach (var element in document.All)
        {
            var name = element.LocalName;
            Assert.False(
                name is "iframe" or "object" or "embed" or "hostile" or "x-hostile" or "meta" && element.HasAttribute("http-equiv"),
                $"{page}: {element.OuterHtml}");
            // Of ours, in files; what the page tells Blazor is no script.
            Assert.False(
                name == "script" && (element.TextContent.Trim().Length > 0
                    || element.GetAttribute("src")?.Contains(HostileTexts.Marker, StringComparison.Ordinal) != false),
                $"{page}: {element.OuterHtml}");
            foreach (var attribute in element.Attributes)
            {
                Assert.False(attribute.LocalName.StartsWith("on", StringComparison.Ordinal), $"{page}: {element.OuterHtml}");
                if (Addresses.Contains(attribute.Name))
                    Assert.Matches("""^(?!\s*[a-zA-Z\x00-\x20]+\s*:)|^https?://""", attribute.Value);
                if (Addresses.Contains(attribute.Name) && attribute.Value.StartsWith("http", StringComparison.Ordinal))
                    Assert.Matches("""^https?://(www\.reddit\.com|127\.0\.0\.1(:\d+)?|developers\.reddit\.com)(/|$)""", attribute.Value);
                Assert.False(name is "base" && attribute.Value != "/", $"{page}: {element.OuterHtml}");
                Assert.False(name is "img" && attribute.Name is "src" && attribute.Value is "x", $"{page}: {element.OuterHtml}");
                Assert.False(name is "a" or "form" && attribute.Value.StartsWith("//", StringComparison.Ordinal), $"{page}: {element.OuterHtml}");
            }
        }
    }

    [GeneratedRegex("admin-[0-9a-f]{32}/.*? from (?=127)|/api/(nowhere|posts)/\\S*")]
    private static partial Regex UsersOwn();

    [GeneratedRegex("(?<=^|[;\t\r\n]\"*)'(?=[=+\\-@＝＋－＠])|^'(?=[\t\r\n])")]
    private static partial Regex Apostrophe();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PathParameter();
}
