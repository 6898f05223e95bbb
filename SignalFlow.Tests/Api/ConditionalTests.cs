using System.Net;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>What every readable address has in common: tags, HEAD, slashes, compression, headers for caches.</summary>
public sealed class ConditionalTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Tagged { get; } =
    [
        "/api/posts", "/api/posts/a", "/api/posts/a/history", "/api/search?q=title", "/api/stats", "/api/subreddits", "/api/subreddits/technology",
        "/api/subreddits/technology/series", "/api/timeline", "/api/keywords",
    ];

    public static TheoryData<string> Readable { get; } =
    [
        .. Tagged.Select(row => row.Data), "/api/trending", "/api/posts/export?format=csv", "/api/posts/export?format=ndjson", "/api/ingestion",
        "/api/ingestion/subreddits", "/api/ingestion/purges", "/api/storage",
    ];

    [Theory]
    [MemberData(nameof(Tagged))]
    public async Task Who_has_the_present_answer_is_told_so_and_who_has_another_gets_it(string address)
    {
        await using var api = await StartAsync();
        var first = await api.Client.GetAsync(address, Cancel);
        var tag = first.Headers.ETag;
        Assert.NotNull(tag);
        Assert.NotEmpty(first.Headers.CacheControl!.ToString());

        var known = await ConditionalAsync(api, address, tag.ToString());
        var unknown = await ConditionalAsync(api, address, "W/\"other\"");
        var oneOf = await ConditionalAsync(api, address, $"\"other\", {tag}");

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(tag, known.Headers.ETag);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(HttpStatusCode.OK, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, oneOf.StatusCode);
    }

    [Fact]
    public async Task The_tag_of_a_page_changes_with_its_posts_and_not_with_time()
    {
        await using var api = await StartAsync();
        var first = (await api.Client.GetAsync("/api/posts/", Cancel)).Headers.ETag;

        api.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(first, (await api.Client.GetAsync("/api/posts/", Cancel)).Headers.ETag);
        await api.StoreAsync(api.Post("new", createdMinutesAgo: 0));
        Assert.NotEqual(first, (await api.Client.GetAsync("/api/posts/", Cancel)).Headers.ETag);
    }

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task A_slash_at_the_end_makes_no_difference_and_head_is_get_without_a_body(string address)
    {
        await using var api = await StartAsync();
        var query = address.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? at : address.Length;
        var slashed = address.Insert(query, "/");

        var plain = await api.Client.GetAsync(address, Cancel);
        var withSlash = await api.Client.GetAsync(slashed, Cancel);
        var head = await api.Client.SendAsync(new(HttpMethod.Head, address), Cancel);

        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        Assert.Equal(HttpStatusCode.OK, withSlash.StatusCode);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(plain.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
        Assert.NotEmpty(await plain.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("br", "/api/posts/", "br")]
    [InlineData("gzip", "/api/posts/", "gzip")]
    [InlineData("gzip, br", "/api/stats/", "br")]
    [InlineData("gzip", "/api/posts/export?format=csv", "gzip")]
    [InlineData("br", "/api/posts/export?format=ndjson", "br")]
    [InlineData("gzip", "/api/topics/", "gzip")]
    [InlineData("gzip", "/api/pipeline/", "gzip")]
    [InlineData("identity", "/api/posts/", null)]
    [InlineData("gzip", "/health/", null)]
    public async Task Answers_are_compressed_for_those_who_ask(string accepted, string address, string? expected)
    {
        await using var api = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        var response = await api.Client.SendAsync(request, Cancel);

        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task Nothing_may_stay_in_a_cache_where_reading_needs_a_login()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:PublicRead"] = "false" }, signedInAs: "viewer");

        Assert.Equal("no-store", (await api.Client.GetAsync("/api/posts/", Cancel)).Headers.CacheControl?.ToString());
        Assert.Equal("no-store", (await api.Client.GetAsync("/api/stats/", Cancel)).Headers.CacheControl?.ToString());
    }

    private async Task<ApiApplication> StartAsync()
    {
        var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a"), api.Post("b", createdMinutesAgo: 90));
        await api.CountAsync();
        return api;
    }

    private static Task<HttpResponseMessage> ConditionalAsync(ApiApplication api, string address, string tags)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("If-None-Match", tags);
        return api.Client.SendAsync(request, Cancel);
    }
}
