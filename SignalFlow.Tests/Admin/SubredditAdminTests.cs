using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Admin;

public sealed class SubredditAdminTests(PostgresFixture postgres)
{
    private const string Root = "/api/admin/subreddits/";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_added_changed_paused_and_deleted_is_what_ingestion_polls()
    {
        await using var api = await StartAsync();
        var store = new SubredditConfigStore(api.Database.DataSource);

        using var added = await SendAsync(api, HttpMethod.Post, Root, """{"name":"Rust_Lang","tier":"fast","interval_seconds":30}""", 201);
        Assert.Equal("/api/admin/subreddits/Rust_Lang/", added.Headers.Location?.OriginalString);
        Assert.Equal([new("Rust_Lang", "fast", 30)], await store.GetActiveAsync(Cancel));

        using var changed = await SendAsync(api, HttpMethod.Patch, Root + "rust_lang", """{"tier":"slow"}""", 200, added.Headers.ETag?.Tag);
        Assert.Equal([new("Rust_Lang", "slow", 30)], await store.GetActiveAsync(Cancel));
        using var reset = await SendAsync(api, HttpMethod.Patch, Root + "rust_lang", """{"interval_seconds":null}""", 200, changed.Headers.ETag?.Tag);
        Assert.Equal([new("Rust_Lang", "slow", null)], await store.GetActiveAsync(Cancel));

        (await SendAsync(api, HttpMethod.Post, Root + "RUST_LANG/pause", null, 200)).Dispose();
        Assert.Empty(await store.GetActiveAsync(Cancel));
        (await SendAsync(api, HttpMethod.Post, Root + "rust_lang/resume", null, 200)).Dispose();
        Assert.Single(await store.GetActiveAsync(Cancel));

        (await SendAsync(api, HttpMethod.Delete, Root + "rust_lang", null, 204, "*")).Dispose();
        Assert.Empty(await store.GetActiveAsync(Cancel));
        (await SendAsync(api, HttpMethod.Get, Root + "rust_lang", null, 404)).Dispose();
    }

    [Fact]
    public async Task Its_posts_outlive_a_subreddit_that_is_deleted()
    {
        await using var api = await StartAsync();
        await api.StoreAsync(api.Post("a1", subreddit: "rust"));
        (await SendAsync(api, HttpMethod.Post, Root, """{"name":"rust"}""", 201)).Dispose();

        (await SendAsync(api, HttpMethod.Delete, Root + "rust", null, 204, "*")).Dispose();

        Assert.Equal(["(a1,rust)"], await api.Database.RowsAsync("SELECT posts.id, name FROM posts JOIN subreddits ON subreddits.id = subreddit_id"));
    }

    [Fact]
    public async Task Of_two_who_change_the_same_version_one_is_told_to_look_again()
    {
        await using var api = await StartAsync();
        using var added = await SendAsync(api, HttpMethod.Post, Root, """{"name":"rust"}""", 201);
        var tag = added.Headers.ETag?.Tag;

        var statuses = await Task.WhenAll(((string[])["fast", "slow"]).Select(async tier =>
        {
            using var request = Request(HttpMethod.Patch, Root + "rust", $$"""{"tier":"{{tier}}"}""", tag);
            using var response = await api.Client.SendAsync(request, Cancel);
            return (int)response.StatusCode;
        }));

        Assert.Equal([200, 412], statuses.Order());
        (await SendAsync(api, HttpMethod.Delete, Root + "rust", null, 412, tag)).Dispose();
        (await SendAsync(api, HttpMethod.Delete, Root + "rust", null, 428)).Dispose();
        // A change by hand counts as well.
        using var read = await SendAsync(api, HttpMethod.Get, Root + "rust", null, 200);
        await api.Database.ExecuteAsync("UPDATE subreddit_config SET interval_seconds = 77 WHERE name = 'rust'");
        (await SendAsync(api, HttpMethod.Patch, Root + "rust", """{"tier":"medium"}""", 412, read.Headers.ETag?.Tag)).Dispose();
        Assert.Equal(1, await api.Database.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE action = 'subreddit.change'"));
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_log_with_what_was_and_what_is()
    {
        await using var api = await StartAsync();
        using var added = await SendAsync(api, HttpMethod.Post, Root, """{"name":"rust","tier":"fast"}""", 201);
        (await SendAsync(api, HttpMethod.Patch, Root + "rust", """{"interval_seconds":60}""", 200, added.Headers.ETag?.Tag)).Dispose();
        (await SendAsync(api, HttpMethod.Post, Root + "rust/pause", null, 200)).Dispose();
        // Nothing changes, so nothing is written.
        (await SendAsync(api, HttpMethod.Post, Root + "rust/pause", null, 200)).Dispose();
        (await SendAsync(api, HttpMethod.Delete, Root + "rust", null, 204, "*")).Dispose();

        Assert.Equal(
            [
                """subreddit.add - {"name": "rust", "tier": "fast", "active": true, "interval_seconds": null}""",
                """subreddit.change {"name": "rust", "tier": "fast", "active": true, "interval_seconds": null} {"name": "rust", "tier": "fast", "active": true, "interval_seconds": 60}""",
                """subreddit.pause {"name": "rust", "tier": "fast", "active": true, "interval_seconds": 60} {"name": "rust", "tier": "fast", "active": false, "interval_seconds": 60}""",
                """subreddit.delete {"name": "rust", "tier": "fast", "active": false, "interval_seconds": 60} -""",
            ],
            await api.Database.TextsAsync("""
                SELECT action || ' ' || coalesce(old::text, '-') || ' ' || coalesce(new::text, '-') FROM audit_log WHERE target = 'subreddit:rust' ORDER BY id
                """));
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "name")]
    [InlineData("""{"name":"a b"}""", "name")]
    [InlineData("""{"name":"naïve"}""", "name")]
    [InlineData("""{"tier":"fast"}""", "name")]
    [InlineData("""{"name":"rust","tier":"hourly"}""", "tier")]
    [InlineData("""{"name":"rust","interval_seconds":9}""", "interval_seconds")]
    [InlineData("""{"name":"rust","interval_seconds":86401}""", "interval_seconds")]
    [InlineData("""{"name":"rust","interval_seconds":"often"}""", "interval_seconds")]
    [InlineData("""{"name":"rust","priority":"fast"}""", "priority")]
    [InlineData("""{"name":"rust","active":1}""", "active")]
    [InlineData("no", "body")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        await using var api = await StartAsync();

        using var response = await SendAsync(api, HttpMethod.Post, Root, body, 400);

        Assert.Equal([field], await ErrorsAsync(response));
        Assert.Equal(0, await api.Database.ScalarAsync<long>("SELECT count(*) FROM subreddit_config"));
    }

    [Fact]
    public async Task A_name_that_is_taken_in_another_case_is_a_conflict_that_names_the_field()
    {
        await using var api = await StartAsync();
        (await SendAsync(api, HttpMethod.Post, Root, """{"name":"Rust"}""", 201)).Dispose();

        using var response = await SendAsync(api, HttpMethod.Post, Root, """{"name":"rUST"}""", 409);

        Assert.Equal(["name"], await ErrorsAsync(response));
    }

    [Fact]
    public async Task The_list_is_paged_by_name_filtered_and_says_what_ingestion_has_found()
    {
        await using var api = await StartAsync();
        await api.Database.ExecuteAsync("""
            INSERT INTO subreddit_config (name, priority, is_active) SELECT 'sub' || n, CASE WHEN n % 2 = 0 THEN 'fast' ELSE 'slow' END, n <> 3 FROM generate_series(1, 9) n;
            INSERT INTO subreddit_config (name) VALUES ('subAlpha'), ('other_one'), ('otherXone');
            INSERT INTO subreddit_state (name, shard_id, status, detail, status_since, last_poll_at, updated_at) VALUES
              ('sub1', 0, 'private', 'reason: private', '2026-11-23 11:00Z', '2026-11-23 11:30Z', now()),
              ('subalpha', 0, 'ok', NULL, '2026-11-23 11:00Z', '2026-11-23 11:59Z', now()),
              ('sub2', 0, 'does_not_exist', NULL, '2026-11-23 11:00Z', NULL, now()), ('sub4', 0, 'network', NULL, '2026-11-23 11:00Z', NULL, now())
            """);

        var names = new List<string>();
        ConfiguredSubredditPage? page = null;
        for (var next = Root + "?page_size=5"; next is not null; next = page.Next)
        {
            page = await PageAsync(api, next);
            names.AddRange(page.Results.Select(row => row.Name));
        }

        Assert.Equal(["other_one", "otherXone", "sub1", "sub2", "sub3", "sub4", "sub5", "sub6", "sub7", "sub8", "sub9", "subAlpha"], names);
        Assert.Equal(5, (await PageAsync(api, page!.Previous!)).Results.Count);
        Assert.Equal(["other_one"], (await PageAsync(api, Root + "?name=OTHER_")).Results.Select(row => row.Name));
        Assert.Equal(["sub3"], (await PageAsync(api, Root + "?active=false")).Results.Select(row => row.Name));
        Assert.Equal(["sub2", "sub4", "sub6", "sub8"], (await PageAsync(api, Root + "?tier=fast")).Results.Select(row => row.Name));
        var polling = (await PageAsync(api, Root + "?name=sub")).Results
            .ToDictionary(row => row.Name, row => (row.Polling.Status, row.Polling.Exists, row.Polling.Readable));
        Assert.Equal(("private", true, false), polling["sub1"]);
        Assert.Equal(("does_not_exist", false, false), polling["sub2"]);
        Assert.Equal(("network", null, null), polling["sub4"]);
        Assert.Equal(("pending", null, null), polling["sub5"]);
        Assert.Equal(("ok", true, true), polling["subAlpha"]);
    }

    [Fact]
    public async Task Operators_read_and_only_administrators_change()
    {
        await using var api = await StartAsync();
        var operators = await api.ClientAsAsync("operator");
        var analysts = await api.ClientAsAsync("analyst");

        using var read = await operators.GetAsync(Root, Cancel);
        using var add = await operators.PostAsync(Root, new StringContent("""{"name":"rust"}""", Encoding.UTF8, "application/json"), Cancel);
        using var import = await operators.PostAsync(Root + "import", new StringContent("name\nrust", Encoding.UTF8, "text/csv"), Cancel);
        using var unread = await analysts.GetAsync(Root, Cancel);

        Assert.Equal([200, 403, 403, 403], ((HttpResponseMessage[])[read, add, import, unread]).Select(response => (int)response.StatusCode));
    }

    private async Task<ApiApplication> StartAsync()
    {
        var api = await ApiApplication.StartAsync(postgres, signedInAs: "admin");
        await api.Database.ExecuteAsync("DELETE FROM subreddit_config");
        return api;
    }

    private static HttpRequestMessage Request(HttpMethod method, string address, string? body, string? ifMatch)
    {
        var request = new HttpRequestMessage(method, address);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(ifMatch == "*" ? EntityTagHeaderValue.Any : new EntityTagHeaderValue(ifMatch));
        return request;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ApiApplication api, HttpMethod method, string address, string? body, int status, string? ifMatch = null)
    {
        using var request = Request(method, address, body, ifMatch);
        var response = await api.Client.SendAsync(request, Cancel);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Cancel)}");
        return response;
    }

    private static async Task<IEnumerable<string>> ErrorsAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateObject().Select(error => error.Name);

    private static async Task<ConfiguredSubredditPage> PageAsync(ApiApplication api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ContractsJsonContext.Default.ConfiguredSubredditPage, Cancel))!;
}
