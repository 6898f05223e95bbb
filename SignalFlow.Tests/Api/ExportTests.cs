using System.Globalization;
using System.Net;
using System.Text.Json;
using CsvHelper;
using Npgsql;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class ExportTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("subreddit=alpha,beta&max_score=999")]
    [InlineData("sort=score&min_score=0")]
    [InlineData("q=fox&sort=relevance")]
    [InlineData("keyword=red")]
    public async Task An_export_is_the_whole_list_in_its_order(string query)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync([.. FeedCorpus.Changes(api)]);
        var expected = new List<string>();
        for (string? next = $"/api/posts/?page_size=200&{query}"; next is not null;)
        {
            var page = await api.Client.GetFromJsonAsync<JsonElement>(next, Cancel);
            expected.AddRange(page.GetProperty("results").EnumerateArray().Select(post => post.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        var lines = (await api.Client.GetStringAsync($"/api/posts/export?format=ndjson&{query}", Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var rows = await RowsAsync(api, $"/api/posts/export/?format=csv&{query}");

        Assert.NotEmpty(expected);
        Assert.Equal(expected, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!));
        Assert.Equal(expected, rows.Select(row => row["id"]));
    }

    [Fact]
    public async Task Pages_of_an_export_join_without_a_seam()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync([.. Enumerable.Range(0, 2_345).Select(post => api.Post($"p{post:D4}", createdMinutesAgo: post / 100, score: post % 3))]);

        var rows = await RowsAsync(api, "/api/posts/export?format=csv");

        Assert.Equal(2_345, rows.DistinctBy(row => row["id"]).Count());
        Assert.Equal(2_345, rows.Count);
    }

    [Fact]
    public async Task Csv_keeps_texts_as_they_are_and_spreadsheets_from_running_them()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        string[] titles =
        [
            "=HYPERLINK(\"http://evil\")", "+1+1", "-1", "@SUM(A1)", "\tcell", "\rcell", "a, \"quoted\"\r\ntitle", "plain = text", "Über 😀",
        ];
        await api.StoreAsync([.. titles.Select((title, index) => api.Post($"p{index}", createdMinutesAgo: index, title: title, score: -5))]);

        var rows = await RowsAsync(api, "/api/posts/export?format=csv");
        var response = await api.Client.GetAsync("/api/posts/export?format=csv", Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(titles.Select(title => "=+-@\t\r".Contains(title[0], StringComparison.Ordinal) ? $"'{title}" : title), rows.Select(row => row["title"]));
        // Numbers are no texts.
        Assert.All(rows, row => Assert.Equal("-5", row["current_score"]));
        Assert.StartsWith("id,title,subreddit,", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("signalflow-posts-20261123-120000.csv", response.Content.Headers.ContentDisposition?.FileName);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1_500)]
    public async Task A_list_that_is_too_long_is_cut_and_says_so(int maxRows)
    {
        await using var api = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:Export:MaxRows"] = maxRows.ToString(CultureInfo.InvariantCulture) });
        var posts = maxRows > 100 ? maxRows + 1 : 4;
        await api.StoreAsync([.. Enumerable.Range(0, posts).Select(post => api.Post($"p{post}", createdMinutesAgo: post))]);

        var response = await api.Client.GetAsync("/api/posts/export?format=ndjson", Cancel);
        var lines = (await response.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var rows = await RowsAsync(api, "/api/posts/export?format=csv");

        Assert.Equal(Math.Min(posts, maxRows), rows.Count);
        Assert.Equal(posts > maxRows ? maxRows + 1 : posts, lines.Length);
        Assert.Equal(posts > maxRows, lines[^1] == """{"truncated":true}""");
        Assert.Equal(maxRows.ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("X-SignalFlow-Max-Rows").Single());
    }

    [Theory]
    [InlineData("", "format")]
    [InlineData("format=xml", "format")]
    [InlineData("format=csv&cursor=abc", "cursor")]
    [InlineData("format=csv&min_score=high", "min_score")]
    [InlineData("format=xml&sort=best", "sort")]
    [InlineData("format=csv&q=%21", "q")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync($"/api/posts/export?{query}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [Fact]
    public async Task Who_stops_reading_stops_the_database()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await StoreManyAsync(api);
        using (var response = await api.Client.GetAsync("/api/posts/export?format=ndjson", HttpCompletionOption.ResponseHeadersRead, Cancel))
        await using (var body = await response.Content.ReadAsStreamAsync(Cancel))
            await body.ReadExactlyAsync(new byte[100_000], Cancel);

        // It was in the midst, and it is over: whole it would have read all rows.
        await Eventually.TrueAsync(async () =>
            await api.Database.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()") == 0);
        await api.Database.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        var scanned = await api.Database.ScalarAsync<long>("SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'posts'");
        Assert.InRange(scanned, 0, 49_000);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("ndjson")]
    public async Task An_export_that_takes_too_long_is_broken_off(string format)
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:Export:Timeout"] = "00:00:02" });
        await StoreManyAsync(api);
        using var response = await api.Client.GetAsync($"/api/posts/export?format={format}", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        await body.ReadExactlyAsync(new byte[1_000], Cancel);
        await using var slow = await api.Database.DataSource.OpenConnectionAsync(Cancel);
        await using var locking = new NpgsqlCommand("BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE", slow);
        await locking.ExecuteNonQueryAsync(Cancel);

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel));
    }

    [Fact]
    public async Task Exports_are_for_analysts_where_reading_is_not_open()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:PublicRead"] = "false" });
        const string address = "/api/posts/export?format=csv";

        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Client.GetAsync(address, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await api.ClientAsAsync("viewer")).GetAsync(address, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await (await api.ClientAsAsync("analyst")).GetAsync(address, Cancel)).StatusCode);
    }

    private static Task StoreManyAsync(ApiApplication api) =>
        api.Database.ExecuteAsync("""
            INSERT INTO subreddits (name) VALUES ('big');
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'p' || number, (SELECT id FROM subreddits), repeat('x', 250), now() - number * interval '1 s', now(), now(), 1, 0
            FROM generate_series(1, 50000) number
            """);

    private static async Task<List<IDictionary<string, string>>> RowsAsync(ApiApplication api, string address)
    {
        using var text = new StringReader(await api.Client.GetStringAsync(address, Cancel));
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        var rows = new List<IDictionary<string, string>>();
        await foreach (var row in csv.GetRecordsAsync<dynamic>(Cancel))
            rows.Add(((IDictionary<string, object>)row).ToDictionary(cell => cell.Key, cell => (string)cell.Value));
        return rows;
    }
}
