using System.Net;
using System.Text;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class KeyTests(PostgresFixture postgres)
{
    private static readonly Dictionary<string, string?> Closed = new() { ["Api:PublicRead"] = "false" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_works_in_either_header_is_kept_as_a_hash_and_its_use_is_noted()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var key = await api.KeyAsync("viewer", "read");

        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "Authorization", $"Bearer {key}"));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));

        Assert.Equal(1, await api.Database.ScalarAsync<long>("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"));
        var dump = string.Join('\n', await api.Database.RowsAsync("SELECT api_keys, audit_log FROM api_keys, audit_log"));
        Assert.DoesNotContain(key, dump, StringComparison.Ordinal);
        // As bytes show.
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key)), dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_ends_when_it_expires()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        using var owner = await api.ClientAsAsync("viewer");
        using var made = await owner.PostAsJsonAsync(
            "/api/account/keys/", new { name = "short", scopes = new[] { "read" }, expires_at = api.Time.GetUtcNow().AddMinutes(5) }, Cancel);
        var key = (await made.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedApiKey, Cancel))!.Secret;
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));

        api.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, "X-Api-Key", key));
    }

    [Fact]
    public async Task A_key_ends_when_it_is_revoked_by_its_owner_or_an_administrator_and_by_nobody_else()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        using var owner = await api.ClientAsAsync("viewer");
        using var other = await api.ClientAsAsync("operator");
        using var admin = await api.ClientAsAsync("admin");
        var (first, second) = (await MakeAsync(owner, "first"), await MakeAsync(owner, "second"));

        Assert.Equal(HttpStatusCode.NotFound, (await other.DeleteAsync($"/api/account/keys/{first.Key.Id}/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", first.Secret));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/account/keys/{first.Key.Id}/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, "X-Api-Key", first.Secret));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/admin/keys/{second.Key.Id}/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, "X-Api-Key", second.Secret));
        Assert.Equal(
            ["key.add", "key.add", "key.revoke", "key.revoke"],
            (await admin.GetFromJsonAsync("/api/admin/audit/", ContractsJsonContext.Default.AuditPage, Cancel))!.Results
                .Select(entry => entry.Action).Where(action => action.StartsWith("key.", StringComparison.Ordinal)).Reverse());
    }

    [Fact]
    public async Task A_key_of_a_user_who_is_deactivated_ends()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var key = await api.KeyAsync("viewer", "read");
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));

        await api.Database.ExecuteAsync("UPDATE users SET is_active = false");
        api.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, "X-Api-Key", key));
    }

    [Fact]
    public async Task A_user_has_at_most_twenty_keys_that_are_not_revoked()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var owner = await api.ClientAsAsync("viewer");
        using var other = await api.ClientAsAsync("viewer");
        var first = await MakeAsync(owner, "first");
        var made = await Task.WhenAll(Enumerable.Range(0, 22).Select(StatusAsync));

        Assert.Equal(19, made.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(3, made.Count(status => status == HttpStatusCode.Conflict));
        Assert.Equal("another's", (await MakeAsync(other, "another's")).Key.Name);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/account/keys/{first.Key.Id}/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(22));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(23));

        async Task<HttpStatusCode> StatusAsync(int number)
        {
            using var answer = await owner.PostAsJsonAsync(
                "/api/account/keys/", new NewApiKey($"key {number}", ["read"], null), ContractsJsonContext.Default.NewApiKey, Cancel);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Who_guesses_keys_asks_the_database_a_few_times_and_keys_that_are_known_stay_good()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: Closed);
        var key = await api.KeyAsync("viewer", "read");
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));
        var guesses = new List<HttpStatusCode>();
        for (var guess = 0; guess < 200; guess++)
            guesses.Add(await ReadAsync(api, "X-Api-Key", $"sfk_{Guid.NewGuid():N}"));
        // What was known of it is no longer believed.
        api.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(HttpStatusCode.Unauthorized, guesses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, guesses[^1]);
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));
    }

    [Fact]
    public async Task A_misspelt_field_is_told_rather_than_ignored()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var owner = await api.ClientAsAsync("analyst");

        using var answer = await owner.PostAsJsonAsync(
            "/api/account/keys/", new { name = "a key", scopes = new[] { "read" }, expiresAt = api.Time.GetUtcNow() }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("expiresAt", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read,administer", "scopes holds administer, which needs the role admin.")]
    [InlineData("everything", "scopes must name at least one of read, live, export, alert, operate, administer.")]
    [InlineData("", "scopes must name at least one of")]
    public async Task Nobody_can_make_a_key_that_may_more_than_they(string scopes, string said)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var owner = await api.ClientAsAsync("analyst");

        using var answer = await owner.PostAsJsonAsync(
            "/api/account/keys/", new NewApiKey("a key", scopes.Split(',', StringSplitOptions.RemoveEmptyEntries), null),
            ContractsJsonContext.Default.NewApiKey, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_key_reads_and_does_nothing_else()
    {
        var key = new string('s', 32);
        await using var api = await ApiApplication.StartAsync(postgres, settings: new(Closed) { ["Api:ServiceKey"] = key });

        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, "X-Api-Key", key));
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync(api, "X-Api-Key", key, "/dlq/stats"));
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync(api, "X-Api-Key", key, "/api/admin/users/"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, "X-Api-Key", key + "s"));
    }

    [Fact]
    public async Task The_last_administrator_cannot_be_removed_demoted_or_deactivated()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var admin = await api.ClientAsAsync("admin");
        var id = (await admin.GetFromJsonAsync("/api/admin/users/", ContractsJsonContext.Default.UserList, Cancel))!.Results.Single().Id;

        Assert.Equal(HttpStatusCode.Conflict, (await admin.DeleteAsync($"/api/admin/users/{id}/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PatchAsJsonAsync($"/api/admin/users/{id}/", new { role = "viewer" }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PatchAsJsonAsync($"/api/admin/users/{id}/", new { is_active = false }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/account/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_audit_log_is_paged_filtered_and_never_changed()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var admin = await api.ClientAsAsync("admin");
        for (var user = 0; user < 5; user++)
            (await admin.PostAsJsonAsync("/api/admin/users/", new NewUser($"user{user}", "viewer", ApiApplication.Password), Cancel)).EnsureSuccessStatusCode();

        var targets = new List<string>();
        for (var next = "/api/admin/audit/?action=user.add&page_size=2"; next is not null;)
        {
            var page = (await admin.GetFromJsonAsync(next, ContractsJsonContext.Default.AuditPage, Cancel))!;
            targets.AddRange(page.Results.Select(entry => entry.Target));
            next = page.Next is null ? null : new Uri(page.Next).PathAndQuery;
        }

        Assert.Equal(["user:user4", "user:user3", "user:user2", "user:user1", "user:user0"], targets);
        foreach (var change in (string[])["DELETE FROM audit_log", "UPDATE audit_log SET actor = 'nobody'", "TRUNCATE audit_log"])
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => api.Database.ExecuteAsync(change));
    }

    private static async Task<CreatedApiKey> MakeAsync(HttpClient owner, string name)
    {
        using var answer = await owner.PostAsJsonAsync(
            "/api/account/keys/", new NewApiKey(name, ["read"], null), ContractsJsonContext.Default.NewApiKey, Cancel);
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedApiKey, Cancel))!;
    }

    private static async Task<HttpStatusCode> ReadAsync(ApiApplication api, string header, string value, string path = "/api/posts/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await api.Client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
