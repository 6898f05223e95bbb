using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using SignalFlow.Api.Paging;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class CursorTests(PostgresFixture postgres)
{
    private static readonly CursorSeal Seal = new([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_cursor_opens_where_it_was_made_and_nowhere_else()
    {
        var cursor = Seal.Close("posts", "filter", "place");

        Assert.Equal("place", Seal.Open("posts", "filter", cursor));
        Assert.Null(Seal.Open("posts", "other", cursor));
        Assert.Null(Seal.Open("purges", "filter", cursor));
        Assert.Null(new CursorSeal(new byte[32]).Open("posts", "filter", cursor));
        // The same characters, parted elsewhere.
        Assert.Null(Seal.Open("postsf", "ilter", cursor));
    }

    [Fact]
    public void No_bit_of_a_cursor_can_be_changed()
    {
        var bytes = Base64Url.DecodeFromChars(Seal.Close("posts", "filter", "place"));

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Seal.Open("posts", "filter", Base64Url.EncodeToString(bytes)));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Null(Seal.Open("posts", "filter", Base64Url.EncodeToString(bytes.AsSpan(0, 12))));
        Assert.Null(Seal.Open("posts", "filter", ""));
        Assert.Null(Seal.Open("posts", "filter", "ä"));
    }

    [Theory]
    [InlineData("subreddit=technology")]
    [InlineData("min_score=1")]
    [InlineData("start=2026-11-01")]
    [InlineData("sort=score")]
    public async Task A_cursor_of_another_list_is_refused_by_name(string query)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a"), api.Post("b", createdMinutesAgo: 11), api.Post("c", createdMinutesAgo: 12));
        var cursor = await CursorAsync(api, "/api/posts/?page_size=1");

        var response = await api.Client.GetAsync($"/api/posts/?{query}&cursor={cursor}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"cursor\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.Client.GetAsync($"/api/ingestion/purges/?cursor={cursor}", Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_size_of_a_page_may_change_and_names_may_be_written_otherwise()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync([.. Enumerable.Range(0, 5).Select(post => api.Post($"p{post}", createdMinutesAgo: post))]);
        var cursor = await CursorAsync(api, "/api/posts/?page_size=1&subreddit=technology,Science");

        var page = await api.Client.GetFromJsonAsync<JsonElement>($"/api/posts/?page_size=3&subreddit=science,TECHNOLOGY&cursor={cursor}", Cancel);

        Assert.Equal(["p1", "p2", "p3"], page.GetProperty("results").EnumerateArray().Select(post => post.GetProperty("id").GetString()!));
    }

    [Theory]
    [InlineData("/dlq/", "state=new")]
    [InlineData("/dlq/", "error_class=storage")]
    [InlineData("/dlq/", "topic=reddit.posts.raw")]
    [InlineData("/dlq/", "post_id=p1")]
    [InlineData("/dlq/", "from=2026-11-01")]
    [InlineData("/dlq/", "to=2027-11-01")]
    [InlineData("/api/admin/subreddits/", "active=true")]
    [InlineData("/api/admin/subreddits/", "tier=medium")]
    [InlineData("/api/admin/subreddits/", "name=cursor")]
    [InlineData("/api/admin/audit/", "actor=me")]
    [InlineData("/api/admin/audit/", "action=a")]
    [InlineData("/api/admin/audit/", "target=t")]
    [InlineData("/api/admin/audit/", "start=2026-11-01")]
    [InlineData("/api/admin/audit/", "end=2027-11-01")]
    public async Task A_cursor_of_the_administration_is_sealed_to_its_list_and_filter(string list, string filter)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "admin");
        await api.Database.ExecuteAsync("""
            INSERT INTO dlq_events (
              source_topic, source_partition, source_offset, headers, post_ids, error_class, error_message, failed_at, attempt, dlq_partition, dlq_offset)
            SELECT 'reddit.posts.raw', 0, n, '[]', '{p1}', 'storage', 'reason', now(), 1, 0, n FROM generate_series(1, 3) n;
            INSERT INTO subreddit_config (name) VALUES ('cursor_a'), ('cursor_b'), ('cursor_c');
            INSERT INTO audit_log (at, actor, action, target) SELECT '2026-11-23 12:00Z', 'me', 'a', 't' FROM generate_series(1, 3)
            """);
        var cursor = await CursorAsync(api, $"{list}?page_size=1&{filter}");
        var changed = cursor[..^1] + (cursor[^1] == 'A' ? 'E' : 'A');
        var foreign = await CursorAsync(api, (list == "/dlq/" ? "/api/admin/audit/" : "/dlq/") + "?page_size=1");

        using var taken = await api.Client.GetAsync($"{list}?page_size=2&{filter}&cursor={cursor}", Cancel);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        foreach (var query in (string[])[
            $"{filter}&cursor={changed}", $"{filter}&cursor={foreign}", $"cursor={cursor}", $"{filter}&cursor=f1", $"{filter}&cursor=ZnwxMDA"])
        {
            using var refused = await api.Client.GetAsync($"{list}?{query}", Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal(
                ["cursor"],
                (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateObject().Select(error => error.Name));
        }
    }

    private static async Task<string> CursorAsync(ApiApplication api, string address)
    {
        var page = await api.Client.GetFromJsonAsync<JsonElement>(address, Cancel);
        return page.GetProperty("next").GetString()!.Split("cursor=")[1];
    }
}
