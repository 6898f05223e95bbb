using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class PostEndpointsTests(PostgresFixture postgres)
{
    private static readonly string[] PostFields =
    [
        "id", "title", "subreddit", "author", "url", "permalink", "created_utc", "first_seen_at", "last_polled_at", "current_score",
        "current_comments", "current_ratio", "poll_priority", "score_velocity", "comment_velocity", "trending_score", "is_trending",
        "engagement_score", "age_minutes", "momentum", "nlp",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/posts/xyz789/")]
    [InlineData("/api/posts/xyz789")]
    public async Task A_post_has_the_fields_and_formulas_of_the_contract(string address)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("xyz789", createdMinutesAgo: 312.4, score: 1200, comments: 45));

        var post = await api.Client.GetFromJsonAsync<JsonElement>(address, Cancel);

        Assert.All(PostFields, field => Assert.True(post.TryGetProperty(field, out _), field));
        Assert.Equal(1290, post.GetProperty("engagement_score").GetInt64());
        Assert.Equal(312.4, post.GetProperty("age_minutes").GetDouble(), 1e-3);
        Assert.Equal(4.12, post.GetProperty("momentum").GetDouble(), 0.005);
        Assert.Equal(
            """{"sentiment_score":0.34,"sentiment_label":"positive","sentiment_reliable":true,"keywords":["one","two words"],"topic_cluster":null}""",
            post.GetProperty("nlp").GetRawText());
    }

    [Fact]
    public async Task Pages_by_surge_join_and_what_nobody_has_compared_is_last()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync([.. Enumerable.Range(0, 4).Select(post => api.Post($"p{post}"))]);
        foreach (var (id, surge) in ((string, double)[])[("p1", 40), ("p2", 97.5), ("p3", 60)])
            await api.Database.ExecuteAsync(SurgeRows.Insert(id, phase: 2, surge));

        var ids = new List<string>();
        for (string? next = "/api/posts/?sort=surge&page_size=1"; next is not null;)
        {
            var page = await api.Client.GetFromJsonAsync<JsonElement>(next, Cancel);
            ids.AddRange(page.GetProperty("results").EnumerateArray().Select(post => post.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(["p2", "p3", "p1", "p0"], ids);
    }

    [Fact]
    public async Task An_unknown_post_is_a_problem_with_a_trace_id()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync("/api/posts/none/", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await AssertProblem(response);
    }

    [Fact]
    public async Task An_unknown_address_below_api_is_a_problem()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync("/api/nothing/here", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await AssertProblem(response);
    }

    [Theory]
    [InlineData("page_size=abc", "page_size")]
    [InlineData("page_size=-1", "page_size")]
    [InlineData("page_size=0", "page_size")]
    [InlineData("page_size=201", "page_size")]
    [InlineData("page_size=99999999999999", "page_size")]
    [InlineData("start=yesterday", "start")]
    [InlineData("end=2026-13-01", "end")]
    [InlineData("start=2026-11-02&end=2026-11-01", "end")]
    [InlineData("trending=maybe", "trending")]
    [InlineData("sort=best", "sort")]
    [InlineData("sort=1", "sort")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=%00%01", "cursor")]
    [InlineData("subreddit=a%00b", "subreddit")]
    [InlineData("q=a%00b", "q")]
    [InlineData("q=%21%3F%20%22%22%20-", "q")]
    [InlineData("q=%F0%9F%98%80", "q")]
    [InlineData("author=a%00b", "author")]
    [InlineData("flair=a%00b", "flair")]
    [InlineData("keyword=a%00b", "keyword")]
    [InlineData("keyword=a,b,c,d,e,f,g,h,i,j,k", "keyword")]
    [InlineData("min_score=high", "min_score")]
    [InlineData("max_score=1.5", "max_score")]
    [InlineData("min_score=99999999999", "min_score")]
    [InlineData("min_score=10&max_score=9", "max_score")]
    [InlineData("sentiment=angry", "sentiment")]
    [InlineData("min_sentiment=1.1", "min_sentiment")]
    [InlineData("max_sentiment=NaN", "max_sentiment")]
    [InlineData("min_sentiment=0.5&max_sentiment=0.4", "max_sentiment")]
    [InlineData("over_18=yes", "over_18")]
    [InlineData("sort=relevance", "sort")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync($"/api/posts/?{query}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await AssertProblem(response);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [Theory]
    [InlineData("new")]
    [InlineData("score")]
    [InlineData("velocity")]
    [InlineData("trending")]
    [InlineData("momentum")]
    public async Task Pages_cover_every_post_once_both_ways_although_many_tie(string sort)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        // Seven of an instant and ten of a page, so that pages end among those that tie.
        await api.StoreAsync([.. Enumerable.Range(0, 137).Select(post => api.Post($"p{post:D3}", createdMinutesAgo: post / 7, score: post % 4))]);

        var forward = new List<string>();
        string? last = null, next = $"/api/posts/?sort={sort}&page_size=10";
        while (next is not null)
        {
            var page = await Page(api, next);
            forward.AddRange(page.Results.Select(post => post.Id));
            (last, next) = (next, page.Next);
            // Posts that arrive meanwhile shift no page.
            await api.StoreAsync(api.Post($"new{forward.Count}", createdMinutesAgo: -1, score: 1000));
        }

        var backward = new List<string>();
        string? previous = last;
        while (previous is not null)
        {
            var page = await Page(api, previous);
            backward.InsertRange(0, page.Results.Select(post => post.Id));
            previous = page.Previous;
        }

        var original = Enumerable.Range(0, 137).Select(post => $"p{post:D3}").ToHashSet();
        Assert.Equal(137, forward.Count(original.Contains));
        Assert.Equal(forward.Count, forward.Distinct().Count());
        Assert.Equal(forward.Where(original.Contains), backward.Where(original.Contains));
    }

    [Theory]
    [InlineData("New", 9e17)]
    [InlineData("New", -9e17)]
    [InlineData("Score", 1e300)]
    [InlineData("Momentum", double.NaN)]
    public async Task A_forged_cursor_is_answered_not_stumbled_over(string sort, double key)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var cursor = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{sort}|f|{key:R}|{DateTime.UnixEpoch.Ticks}|x")));

        var response = await api.Client.GetAsync($"/api/posts/?cursor={cursor}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Filters_combine()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 10, subreddit: "Technology", title: "Quick foxes jump"),
            api.Post("b", 10, subreddit: "science", title: "Lazy foxes do not"),
            api.Post("c", 60 * 48, subreddit: "Technology", title: "Old foxes"),
            api.Post("d", 10, subreddit: "news", title: "Dogs") with { IsTrending = true, TrendingScore = 0.6 });

        Assert.Equal(["b", "a"], await Ids(api, "subreddit=technology,SCIENCE&start=2026-11-23"));
        Assert.Equal(["b", "a", "c"], await Ids(api, "q=FOX"));
        Assert.Equal(["a"], await Ids(api, "q=foxes&subreddit=technology&start=2026-11-23"));
        Assert.Equal(["d"], await Ids(api, "trending=true"));
        Assert.Equal(["c"], await Ids(api, "end=2026-11-21"));
        Assert.Equal(["c"], await Ids(api, "start=2026-11-21T11:59:00Z&end=2026-11-21T12:00:01Z"));
        Assert.Empty(await Ids(api, "subreddit=unknown"));
    }

    [Fact]
    public async Task History_lists_the_observations_oldest_first()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var now = api.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        await api.StoreAsync(api.Post("a", state: PostState.First(new(now - 300_000_000, 45, 3)).Add(new(now, 1200, 9))));

        var history = await api.Client.GetFromJsonAsync("/api/posts/a/history/", ContractsJsonContext.Default.PostHistory, Cancel);

        Assert.Equal([45, 1200], history!.Results.Select(point => point.Score));
        Assert.Equal(TimeSpan.FromSeconds(300), history.Results[1].ObservedAt - history.Results[0].ObservedAt);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/api/posts/none/history/", Cancel)).StatusCode);
    }

    private static async Task<PostPage> Page(ApiApplication api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ContractsJsonContext.Default.PostPage, Cancel))!;

    private static async Task<IEnumerable<string>> Ids(ApiApplication api, string query) =>
        (await Page(api, $"/api/posts/?{query}")).Results.Select(post => post.Id);

    private static async Task<JsonElement> AssertProblem(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.NotEmpty(problem.GetProperty("trace_id").GetString()!);
        return problem;
    }
}
