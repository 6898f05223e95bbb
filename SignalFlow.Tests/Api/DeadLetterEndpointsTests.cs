using System.Net;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class DeadLetterEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/dlq")]
    [InlineData("/dlq/")]
    public async Task The_list_says_what_failed_where_and_why_but_holds_no_content(string address)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        await StoreAsync(api, 1);

        var text = await api.Client.GetStringAsync(address, Cancel);

        Assert.Equal(
            """{"next":null,"previous":null,"results":[{"id":1,"source_topic":"reddit.posts.raw","source_partition":2,"source_offset":1,"post_ids":["a1"],"error_class":"json","error_message":"reason 1","failed_at":"2026-11-23T11:59:59+00:00","attempt":1,"state":"new","note":null,"payload_bytes":9,"purged_at":null,"dlq_partition":0,"dlq_offset":1,"created_at":"2026-11-23T12:00:00+00:00","updated_at":"2026-11-23T12:00:00+00:00","resolved_at":null,"replays":0,"failed_replays":0,"replayed_at":null,"is_truncated":false}]}""",
            text);
    }

    [Fact]
    public async Task Pages_reach_every_letter_once_newest_first_both_ways()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        await StoreAsync(api, 25);

        var pages = new List<DeadLetterPage>();
        for (var next = "/dlq/?page_size=7"; next is not null; next = pages[^1].Next)
            pages.Add(await PageAsync(api, next));

        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(id => (long)id), pages.SelectMany(page => page.Results).Select(letter => letter.Id));
        Assert.Null(pages[0].Previous);
        Assert.Equal(pages[^2].Results.Select(letter => letter.Id), (await PageAsync(api, pages[^1].Previous!)).Results.Select(letter => letter.Id));
    }

    [Theory]
    [InlineData("?error_class=json", "25,23,21")]
    [InlineData("?error_class=storage,json&state=resolved", "24,20,16")]
    [InlineData("?topic=reddit.posts.refresh", "25,20,15")]
    [InlineData("?topic=reddit.posts.refresh&error_class=json&state=new", "25,15,5")]
    [InlineData("?error_class=none", "")]
    [InlineData("?post_id=a1", "25,24,23")]
    [InlineData("?post_id=b1", "")]
    [InlineData("?from=2026-11-23T11:59:50Z", "10,9,8")]
    [InlineData("?to=2026-11-23T11:59:50Z", "25,24,23")]
    [InlineData("?from=2026-11-23T11:59:50Z&to=2026-11-23T11:59:53Z", "10,9,8")]
    public async Task The_list_is_filtered(string query, string firstThree)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        await StoreAsync(api, 25);

        Assert.Equal(firstThree, string.Join(',', (await PageAsync(api, "/dlq/" + query)).Results.Take(3).Select(letter => letter.Id)));
    }

    [Fact]
    public async Task One_letter_shows_text_as_text_and_other_bytes_as_base64()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        await StoreAsync(api, 2);
        await api.Database.ExecuteAsync("""
            UPDATE dlq_events SET payload = '\xff00', key = NULL, headers = '[{"key":"b","encoding":"base64","value":"/wA="}]' WHERE id = 2
            """);

        var text = await api.Client.GetFromJsonAsync("/dlq/1/", ContractsJsonContext.Default.DeadLetterDetail, Cancel);
        var bytes = await api.Client.GetFromJsonAsync("/dlq/2", ContractsJsonContext.Default.DeadLetterDetail, Cancel);

        Assert.Equal((new("utf-8", "a1"), new("utf-8", "payload 1")), (text!.Key!, text.Payload!));
        Assert.Equal([new("traceparent", "utf-8", "00-1")], text.Headers);
        Assert.Equal((null, new("base64", "/wA=")), (bytes!.Key, bytes.Payload!));
        Assert.Equal([new("b", "base64", "/wA=")], bytes.Headers);
    }

    [Fact]
    public async Task What_a_purge_has_emptied_has_no_payload()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        await StoreAsync(api, 1);
        await api.Database.ExecuteAsync("UPDATE dlq_events SET payload = NULL, headers = '[]', error_message = '', purged_at = '2026-11-23 11:00Z'");

        var letter = (await api.Client.GetFromJsonAsync("/dlq/1/", ContractsJsonContext.Default.DeadLetterDetail, Cancel))!;

        Assert.Equal((null, null, new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero)), (letter.Payload, letter.PayloadBytes, letter.PurgedAt));
        Assert.Empty(letter.Headers);
        Assert.Null((await PageAsync(api, "/dlq/")).Results[0].PayloadBytes);
    }

    [Fact]
    public async Task Totals_are_by_state_class_and_topic_with_the_oldest_that_is_open()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");
        Assert.Equal(
            """{"total":0,"open":0,"oldest_open_at":null,"oldest_open_age_seconds":null,"by_state":[],"by_class":[],"by_topic":[],"by_age":[{"name":"1h","total":0,"open":0},{"name":"1d","total":0,"open":0},{"name":"7d","total":0,"open":0},{"name":"older","total":0,"open":0}]}""",
            await api.Client.GetStringAsync("/dlq/stats/", Cancel));
        await StoreAsync(api, 25);
        await api.Database.ExecuteAsync("UPDATE dlq_events SET state = 'discarded' WHERE id IN (24, 25)");

        var stats = (await api.Client.GetFromJsonAsync("/dlq/stats", ContractsJsonContext.Default.DeadLetterStats, Cancel))!;

        Assert.Equal((25, 18, 23.0), (stats.Total, stats.Open, stats.OldestOpenAgeSeconds));
        Assert.Equal(api.Time.GetUtcNow().AddSeconds(-23), stats.OldestOpenAt);
        Assert.Equal([new("new", 18, 18), new("resolved", 5, 0), new("discarded", 2, 0)], stats.ByState);
        Assert.Equal([new("json", 13, 12), new("storage", 12, 6)], stats.ByClass);
        Assert.Equal([new("reddit.posts.raw", 20, 15), new("reddit.posts.refresh", 5, 3)], stats.ByTopic);
        Assert.Equal([new("1h", 18, 18), new("1d", 0, 0), new("7d", 0, 0), new("older", 0, 0)], stats.ByAge);
    }

    [Theory]
    [InlineData("?state=lost", "state")]
    [InlineData("?error_class=a%00b", "error_class")]
    [InlineData("?topic=a%00b", "topic")]
    [InlineData("?post_id=a%00b", "post_id")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?from=2026-11-24&to=2026-11-22", "from")]
    [InlineData("?page_size=0", "page_size")]
    [InlineData("?cursor=abc", "cursor")]
    [InlineData("?cursor=eHwx", "cursor")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");

        var response = await api.Client.GetAsync("/dlq/" + query, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("/dlq/99/")]
    [InlineData("/dlq/abc/")]
    [InlineData("/dlq/1/more")]
    public async Task What_is_not_there_is_a_problem(string address)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "operator");

        var response = await api.Client.GetAsync(address, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The n-th failed n seconds ago; each fifth is a refresh, each second refused by the database, each fourth resolved.</summary>
    private static Task StoreAsync(ApiApplication api, int count) => api.Database.ExecuteAsync($$"""
        INSERT INTO dlq_events (
          source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt, state,
          dlq_partition, dlq_offset, created_at, updated_at)
        SELECT
          CASE WHEN n % 5 = 0 THEN 'reddit.posts.refresh' ELSE 'reddit.posts.raw' END, 2, n, 'a1', convert_to('payload ' || n, 'UTF8'),
          '[{"key":"traceparent","encoding":"utf-8","value":"00-1"}]', '{a1}', CASE WHEN n % 2 = 0 THEN 'storage' ELSE 'json' END, 'reason ' || n,
          '2026-11-23 12:00Z'::timestamptz - n * interval '1 second', 1, CASE WHEN n % 4 = 0 AND n < 24 THEN 'resolved' ELSE 'new' END, 0, n,
          '2026-11-23 12:00Z', '2026-11-23 12:00Z'
        FROM generate_series(1, {{count}}) n;
        UPDATE dlq_events SET state = 'resolved' WHERE id = 24
        """);

    private static async Task<DeadLetterPage> PageAsync(ApiApplication api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ContractsJsonContext.Default.DeadLetterPage, Cancel))!;
}
