using System.Net;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class IngestionEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/ingestion")]
    [InlineData("/api/ingestion/")]
    public async Task A_shard_says_who_polls_what_is_left_and_how_far_the_sweep_has_come(string address)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.Database.ExecuteAsync("""
            INSERT INTO ingestion_shards VALUES
              (1, 2, 'host-b', '2026-11-23 10:00Z', '2026-11-23 11:00Z', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
              (0, 2, 'host-a', '2026-11-23 10:00Z', '2026-11-23 11:59:55Z', 60, 58, 412.5, '2026-11-23 12:05Z', NULL, 'balanced', 1.5, 4711, 12,
               '2026-11-20 00:00Z', 'abc', '2026-11-23 09:00Z', '2026-11-22 12:00Z')
            """);

        var shards = (await api.Client.GetFromJsonAsync<JsonElement>(address, Cancel)).GetProperty("shards");

        Assert.Equal(
            """{"shard_id":0,"shard_count":2,"instance":"host-a","acquired_at":"2026-11-23T10:00:00+00:00","heartbeat_at":"2026-11-23T11:59:55+00:00","heartbeat_age_seconds":5,"requests_limit":60,"requests_last_minute":58,"ratelimit_remaining":412.5,"ratelimit_reset_at":"2026-11-23T12:05:00+00:00","paused_until":null,"refresh_preset":"balanced","refresh_stretch":1.5,"posts_tracked":4711,"refresh_overdue":12,"sweep_created_utc":"2026-11-20T00:00:00+00:00","sweep_started_at":"2026-11-23T09:00:00+00:00","sweep_covered_at":"2026-11-22T12:00:00+00:00","sweep_age_seconds":86400}""",
            shards[0].GetRawText());
        Assert.Equal((1, JsonValueKind.Null), (shards[1].GetProperty("shard_id").GetInt32(), shards[1].GetProperty("sweep_age_seconds").ValueKind));
    }

    [Fact]
    public async Task Every_subreddit_that_is_to_be_polled_or_has_been_is_listed_once()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await StoreSubredditsAsync(api);

        var all = (await SubredditsAsync(api, "")).ToDictionary(subreddit => subreddit.Name);

        Assert.Equal(["Asleep", "Closed", "Fresh", "forgotten"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("pending", "fast", 30, true), (all["Fresh"].Status, all["Fresh"].Tier, all["Fresh"].IntervalSeconds, all["Fresh"].IsActive));
        Assert.Equal(("private", "403", 2), (all["Closed"].Status, all["Closed"].Detail, all["Closed"].Gaps));
        Assert.Equal(new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero), all["Closed"].LastSuccessAt);
        Assert.Equal((12.5, 0.75, 340), (all["Closed"].PostsPerHour, all["Closed"].RequestsPerHour, all["Closed"].BackfilledPosts));
        Assert.Equal(("ok", false, "slow"), (all["Asleep"].Status, all["Asleep"].IsActive, all["Asleep"].Tier));
        Assert.Equal(("ok", false, (string?)null), (all["forgotten"].Status, all["forgotten"].IsActive, all["forgotten"].Tier));
    }

    [Theory]
    [InlineData("?status=private", "Closed")]
    [InlineData("?status=Private,pending", "Closed,Fresh")]
    [InlineData("?tier=fast", "Fresh")]
    [InlineData("?tier=medium,slow&status=ok", "Asleep")]
    [InlineData("?status=banned", "")]
    public async Task Subreddits_are_filtered_by_status_and_tier(string query, string expected)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await StoreSubredditsAsync(api);

        Assert.Equal(expected, string.Join(',', (await SubredditsAsync(api, query)).Select(subreddit => subreddit.Name)));
    }

    [Fact]
    public async Task Purges_come_newest_first_in_pages_both_ways_with_the_totals()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var now = api.Time.GetUtcNow();
        await api.StoreAsync(
        [
            api.Post("kept"),
            // Several of one instant; every third one of before yesterday.
            .. Enumerable.Range(0, 25).Select(number => api.Purged(
                $"p{number:D2}", now.AddMinutes(-number / 4).AddDays(number % 3 == 0 ? -2 : 0), number % 5 == 0 ? "absent" : "moderator")),
        ]);

        var pages = new List<PurgePage>();
        string? next = "/api/ingestion/purges/?page_size=7";
        while (next is not null)
        {
            pages.Add(await PurgesAsync(api, next));
            next = pages[^1].Next;
        }

        var forward = pages.SelectMany(page => page.Results).ToList();
        Assert.Equal(25, forward.Select(purge => purge.Id).Distinct().Count());
        Assert.Equal(forward.OrderByDescending(purge => purge.PurgedAt).ThenByDescending(purge => purge.Id, StringComparer.Ordinal), forward);
        Assert.Equal("technology", forward[0].Subreddit);
        Assert.Null(pages[0].Previous);
        Assert.Equal(pages[^2].Results, (await PurgesAsync(api, pages[^1].Previous!)).Results);
        Assert.Equal((25, 16), (pages[0].Summary.Total, pages[0].Summary.LastDay));
        Assert.Equal([new("moderator", 20, 13), new("absent", 5, 3)], pages[0].Summary.Reasons);
    }

    [Fact]
    public async Task Without_purges_the_report_is_empty()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        Assert.Equal(
            """{"next":null,"previous":null,"summary":{"total":0,"last_day":0,"reasons":[]},"results":[]}""",
            await api.Client.GetStringAsync("/api/ingestion/purges", Cancel));
        Assert.Equal("""{"shards":[]}""", await api.Client.GetStringAsync("/api/ingestion", Cancel));
    }

    [Theory]
    [InlineData("subreddits/?status=a%00b", "status")]
    [InlineData("subreddits/?status=1", "status")]
    [InlineData("subreddits/?tier=fastest", "tier")]
    [InlineData("purges/?page_size=0", "page_size")]
    [InlineData("purges/?page_size=201", "page_size")]
    [InlineData("purges/?page_size=x", "page_size")]
    [InlineData("purges/?cursor=abc", "cursor")]
    [InlineData("purges/?cursor=%00", "cursor")]
    public async Task A_wrong_parameter_is_named(string address, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync($"/api/ingestion/{address}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    private static Task StoreSubredditsAsync(ApiApplication api) => api.Database.ExecuteAsync("""
        DELETE FROM subreddit_config;
        INSERT INTO subreddit_config (name, priority, interval_seconds, is_active) VALUES
          ('Fresh', 'fast', 30, true), ('Closed', 'medium', NULL, true), ('Asleep', 'slow', NULL, false), ('NeverPolled', 'slow', NULL, false);
        INSERT INTO subreddit_state (
          name, shard_id, status, detail, status_since, last_success_at, posts_per_hour, requests_per_hour, gaps, backfilled_posts, updated_at) VALUES
          ('closed', 0, 'private', '403', '2026-11-23 10:00Z', '2026-11-23 09:00Z', 12.5, 0.75, 2, 340, now()),
          ('asleep', 0, 'ok', NULL, '2026-11-23 10:00Z', NULL, NULL, NULL, 0, NULL, now()),
          ('forgotten', 0, 'ok', NULL, '2026-11-23 10:00Z', NULL, NULL, NULL, 0, NULL, now())
        """);

    private static async Task<IReadOnlyList<SubredditStatusView>> SubredditsAsync(ApiApplication api, string query) =>
        (await api.Client.GetFromJsonAsync($"/api/ingestion/subreddits/{query}", ContractsJsonContext.Default.SubredditStatusList, Cancel))!.Results;

    private static async Task<PurgePage> PurgesAsync(ApiApplication api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ContractsJsonContext.Default.PurgePage, Cancel))!;
}
