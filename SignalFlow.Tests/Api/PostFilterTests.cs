using System.Net;
using SignalFlow.Api.Posts.Search;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>Every list holds what the plainest query finds, whatever way it is read.</summary>
public sealed class PostFilterTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Lengths of the first walk: all is found on it; some is; the index, longer walks, and the end of the list come into play.</summary>
    public static TheoryData<int> Walks { get; } = [5_000, 40, 3];

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task Every_filter_and_every_pair_of_filters_lists_what_it_says(int firstWalk)
    {
        await using var api = await StartAsync(firstWalk);

        foreach (var (index, filter) in FeedCorpus.Filters.Index())
        {
            await AssertFirstPage(api, [filter]);
            foreach (var other in FeedCorpus.Filters.Skip(index + 1).Where(other => other.Subject != filter.Subject))
                await AssertFirstPage(api, [filter, other]);
        }
    }

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task Pages_of_any_filter_hold_every_post_once_in_both_directions(int firstWalk)
    {
        await using var api = await StartAsync(firstWalk);
        var random = new Random(firstWalk);

        for (var round = 0; round < 60; round++)
        {
            var filters = Some(random, random.Next(3));
            var query = string.Join('&', filters.Select(filter => filter.Query).Append($"page_size={random.Next(3, 70)}"));
            await AssertPages(api, query, await FeedCorpus.NaiveAsync(api, filters.DefaultIfEmpty(new("", "true"))));
        }
    }

    [Theory]
    [InlineData("score", "p.current_score DESC, p.id DESC")]
    [InlineData("velocity", "p.score_velocity DESC, p.id DESC")]
    [InlineData("trending", "p.trending_score DESC, p.id DESC")]
    public async Task Lists_by_a_value_are_in_its_order(string sort, string order)
    {
        await using var api = await StartAsync(firstWalk: 3);
        var random = new Random(1);

        for (var round = 0; round < 25; round++)
        {
            var filters = Some(random, random.Next(3));
            var query = string.Join('&', filters.Select(filter => filter.Query).Prepend($"sort={sort}").Append($"page_size={random.Next(3, 70)}"));
            await AssertPages(api, query, await FeedCorpus.NaiveAsync(api, filters.DefaultIfEmpty(new("", "true")), order));
        }
    }

    private static FilterCase[] Some(Random random, int count) =>
        [.. random.GetItems([.. FeedCorpus.Filters], count).DistinctBy(filter => filter.Subject)];

    private async Task<ApiApplication> StartAsync(int firstWalk)
    {
        var api = await ApiApplication.StartAsync(
            postgres, services => services.AddSingleton(new FirstWalk { Features = firstWalk, Posts = firstWalk }));
        await api.StoreAsync([.. FeedCorpus.Changes(api)]);
        var ids = await api.Database.TextsAsync("SELECT id FROM posts ORDER BY md5(id) LIMIT 20");
        await api.StoreAsync([.. ids.Select(id => api.Purged(id, api.Time.GetUtcNow(), "moderator"))]);
        // As after some days of work; and the planner is free to choose.
        await api.Database.ExecuteAsync("ANALYZE");
        return api;
    }

    private static async Task AssertFirstPage(ApiApplication api, FilterCase[] filters)
    {
        var query = string.Join('&', filters.Select(filter => filter.Query));
        var page = await Page(api, $"/api/posts/?page_size=200&{query}");
        var expected = await FeedCorpus.NaiveAsync(api, filters);
        Assert.True(expected.Take(200).SequenceEqual(page.Results.Select(post => post.Id)), query);
        Assert.Equal(expected.Count > 200, page.Next is not null);
    }

    private static async Task AssertPages(ApiApplication api, string query, IReadOnlyList<string> expected)
    {
        var forward = new List<string>();
        string? last = null;
        for (string? next = $"/api/posts/?{query}"; next is not null;)
        {
            var page = await Page(api, next);
            forward.AddRange(page.Results.Select(post => post.Id));
            (last, next) = (next, page.Next);
        }

        Assert.True(expected.SequenceEqual(forward), query);
        var backward = new List<string>();
        for (var previous = last; previous is not null;)
        {
            var page = await Page(api, previous);
            backward.InsertRange(0, page.Results.Select(post => post.Id));
            previous = page.Previous;
        }

        Assert.True(expected.SequenceEqual(backward), $"{query}, backwards");
    }

    private static async Task<PostPage> Page(ApiApplication api, string address)
    {
        var response = await api.Client.GetAsync(address, Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{address}: {await response.Content.ReadAsStringAsync(Cancel)}");
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.PostPage, Cancel))!;
    }
}
