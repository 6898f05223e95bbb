using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml.Linq;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class FeedTests(PostgresFixture postgres)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_search_is_a_feed_for_who_knows_its_address()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:PublicRead"] = "false" });
        using var viewer = await api.ClientAsAsync("viewer");
        await api.StoreAsync(
            api.Post("a", 20, title: "Rocket <b>&amp;</b> \u0001 \"é\" 👩‍🚀 ]]>"), api.Post("b", 10, title: "Another rocket"),
            api.Post("c", 5, title: "A boat"));
        var (search, feed) = await FeedAsync(viewer, "q=rocket&sort=score");
        Assert.True(Assert.Single(
            (await viewer.GetFromJsonAsync("/api/account/searches/", ContractsJsonContext.Default.SavedSearchList, Cancel))!.Results).HasFeed);

        using var atom = await api.Client.GetAsync(feed.Atom, Cancel);
        Assert.Equal("application/atom+xml; charset=utf-8", atom.Content.Headers.ContentType!.ToString());
        var entries = XDocument.Parse(await atom.Content.ReadAsStringAsync(Cancel)).Root!.Elements(Atom + "entry").ToList();
        // The newest first, whatever the search's own order.
        Assert.Equal(["Another rocket", "Rocket <b>&amp;</b>  \"é\" 👩‍🚀 ]]>"], entries.Select(entry => entry.Element(Atom + "title")!.Value));
        Assert.All(entries, entry =>
            Assert.StartsWith("https://www.reddit.com/", entry.Element(Atom + "link")!.Attribute("href")!.Value, StringComparison.Ordinal));
        Assert.NotNull(atom.Content.Headers.LastModified);

        var json = JsonDocument.Parse(await api.Client.GetStringAsync(feed.Json, Cancel)).RootElement;
        Assert.Equal("https://jsonfeed.org/version/1.1", json.GetProperty("version").GetString());
        Assert.Equal(feed.Json, json.GetProperty("feed_url").GetString());
        Assert.Equal(
            ["Another rocket", "Rocket <b>&amp;</b> \u0001 \"é\" 👩‍🚀 ]]>"],
            json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()!));

        // Another address takes the place of this one, and then none.
        using var again = await viewer.PostAsync($"/api/account/searches/{search}/feed", null, Cancel);
        var other = (await again.Content.ReadFromJsonAsync(ContractsJsonContext.Default.FeedAddress, Cancel))!;
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(feed.Atom, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(other.Atom, Cancel)).StatusCode);
        await viewer.DeleteAsync($"/api/account/searches/{search}/feed", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(other.Atom, Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_known_is_spared_until_a_post_comes_or_goes()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        await api.StoreAsync(api.Post("a", title: "rocket one"), api.Post("b", title: "rocket two"));
        var (_, feed) = await FeedAsync(viewer, "q=rocket");
        foreach (var address in (string[])[feed.Atom, feed.Json])
        {
            var tag = (await api.Client.GetAsync(address, Cancel)).Headers.ETag!;
            api.Time.Advance(TimeSpan.FromMinutes(5));
            Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(api.Client, address, tag));
        }

        var before = (await api.Client.GetAsync(feed.Atom, Cancel)).Headers.ETag!;
        await api.StoreAsync(api.Purged("a", api.Time.GetUtcNow(), "author"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api.Client, feed.Atom, before));
        Assert.DoesNotContain("rocket one", await api.Client.GetStringAsync(feed.Atom, Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain("rocket one", await api.Client.GetStringAsync(feed.Json, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_is_made_by_its_owner_and_ends_with_the_owner()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        using var admin = await api.ClientAsAsync("admin");
        var (search, feed) = await FeedAsync(viewer, "q=rocket");
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"/api/account/searches/{search}/feed", null, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"/api/account/searches/{search}/feed", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(feed.Atom, Cancel)).StatusCode);
        var kept = await api.Database.ScalarAsync<byte[]>("SELECT feed_hash FROM saved_searches");
        Assert.Equal(32, kept.Length);
        await api.Database.ExecuteAsync("UPDATE users SET is_active = false WHERE role = 'viewer'");
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(feed.Atom, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Trending_posts_are_a_feed_where_reading_is_open_and_for_keys_elsewhere()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", title: "Trends"), api.Post("b", title: "Does not"));
        await api.Database.ExecuteAsync(SurgeRows.Insert("a", phase: 2));
        var atom = XDocument.Parse(await api.Client.GetStringAsync("/api/feeds/trending.atom", Cancel));
        Assert.Equal(["Trends"], atom.Root!.Elements(Atom + "entry").Select(entry => entry.Element(Atom + "title")!.Value));
        var json = JsonDocument.Parse(await api.Client.GetStringAsync("/api/feeds/trending.json", Cancel)).RootElement;
        Assert.Equal("Trends", Assert.Single(json.GetProperty("items").EnumerateArray()).GetProperty("title").GetString());
    }

    private static async Task<(long Search, FeedAddress Feed)> FeedAsync(HttpClient client, string query)
    {
        using var saved = await client.PostAsJsonAsync(
            "/api/account/searches/", new("Rockets & more", query), ContractsJsonContext.Default.NewSavedSearch, Cancel);
        var search = (await saved.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SavedSearchView, Cancel))!;
        using var answer = await client.PostAsync($"/api/account/searches/{search.Id}/feed", null, Cancel);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        return (search.Id, (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.FeedAddress, Cancel))!);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string address, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { IfNoneMatch = { tag } } };
        return (await client.SendAsync(request, Cancel)).StatusCode;
    }
}
