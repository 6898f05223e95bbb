using System.IdentityModel.Tokens.Jwt;
using System.Net;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class SessionTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_in_gives_an_hour_of_access_and_a_refresh_goes_on()
    {
        await using var api = await StartAsync();
        var pair = await SignInAsync(api, await api.AddUserAsync("viewer"));
        Assert.Equal(3600, pair.ExpiresIn);
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, pair));

        api.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, pair));

        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, await RefreshAsync(api, pair)));
    }

    [Fact]
    public async Task A_refresh_token_that_is_used_twice_ends_the_whole_sign_in_and_is_in_the_audit_log()
    {
        await using var api = await StartAsync();
        var name = await api.AddUserAsync("viewer");
        var first = await SignInAsync(api, name);
        var other = await SignInAsync(api, name);
        var second = await RefreshAsync(api, first);

        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, first));

        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, second));
        // Another sign-in of the same user is another family.
        Assert.Equal(HttpStatusCode.OK, await TryRefreshAsync(api, other));
        Assert.Equal([$"(session.reuse,user:{name})"], await api.Database.RowsAsync("SELECT action, target FROM audit_log WHERE action = 'session.reuse'"));
    }

    [Fact]
    public async Task Of_refreshes_at_the_same_time_one_succeeds()
    {
        await using var api = await StartAsync();
        var pair = await SignInAsync(api, await api.AddUserAsync("viewer"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TryRefreshAsync(api, pair)));

        Assert.Equal(1, answers.Count(status => status == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Signing_out_ends_the_sign_in()
    {
        await using var api = await StartAsync();
        var pair = await SignInAsync(api, await api.AddUserAsync("viewer"));
        var next = await RefreshAsync(api, pair);

        using var answer = await api.Client.PostAsJsonAsync("/api/token/revoke/", new RefreshRequest(next.Refresh), Cancel);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, next));
    }

    [Fact]
    public async Task Tokens_are_kept_as_hashes()
    {
        await using var api = await StartAsync();
        var pair = await SignInAsync(api, await api.AddUserAsync("viewer"));

        var dump = string.Join('\n', await api.Database.RowsAsync("SELECT refresh_tokens, users FROM refresh_tokens, users"));

        Assert.DoesNotContain(pair.Refresh, dump, StringComparison.Ordinal);
        // As bytes show.
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(pair.Refresh)), dump, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiApplication.Password, dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_ends_ninety_days_after_the_password_was_given()
    {
        await using var api = await StartAsync();
        var pair = await SignInAsync(api, await api.AddUserAsync("viewer"));
        for (var day = 0; day < 88; day += 8)
        {
            api.Time.Advance(TimeSpan.FromDays(8));
            pair = await RefreshAsync(api, pair);
        }

        api.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, pair));
    }

    [Fact]
    public async Task Wrong_names_and_passwords_and_lock_outs_look_the_same()
    {
        await using var api = await StartAsync(("Api:MaxFailedSignIns", "3"));
        var name = await api.AddUserAsync("viewer");
        var nobody = await TrySignInAsync(api, "nobody", ApiApplication.Password);
        var wrong = new List<(HttpStatusCode, string)>();
        for (var attempt = 0; attempt < 3; attempt++)
            wrong.Add(await TrySignInAsync(api, name, "not the password"));
        var locked = await TrySignInAsync(api, name, ApiApplication.Password);

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.Status);
        Assert.All([.. wrong, locked], answer => Assert.Equal(nobody, answer));

        api.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(HttpStatusCode.OK, (await TrySignInAsync(api, name, ApiApplication.Password)).Status);
    }

    [Fact]
    public async Task A_user_who_is_deactivated_demoted_or_signed_out_is_so_at_once()
    {
        await using var api = await StartAsync();
        var admin = await api.ClientAsAsync("admin");
        var name = await api.AddUserAsync("operator");
        var pair = await SignInAsync(api, name);
        var id = (await admin.GetFromJsonAsync("/api/admin/users/", ContractsJsonContext.Default.UserList, Cancel))!.Results
            .Single(user => user.Username == name).Id;

        await PatchAsync(admin, id, new { role = "viewer" });
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, pair));
        var viewer = await RefreshAsync(api, pair);
        Assert.Equal("viewer", new JwtSecurityTokenHandler().ReadJwtToken(viewer.Access).Claims.Single(claim => claim.Type == "role").Value);

        (await admin.DeleteAsync($"/api/admin/users/{id}/sessions/", Cancel)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, viewer));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, viewer));

        var again = await SignInAsync(api, name);
        await PatchAsync(admin, id, new { is_active = false });
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, again));
        Assert.Equal(HttpStatusCode.Unauthorized, (await TrySignInAsync(api, name, ApiApplication.Password)).Status);
        Assert.Equal(
            [
                """(user.change,"{""role"": ""operator"", ""is_active"": true}","{""role"": ""viewer"", ""is_active"": true}")""",
                """(user.change,"{""role"": ""viewer"", ""is_active"": true}","{""role"": ""viewer"", ""is_active"": false}")"""
            ],
            await api.Database.RowsAsync($"SELECT action, old, new FROM audit_log WHERE action = 'user.change' ORDER BY id"));
    }

    [Fact]
    public async Task Another_signing_key_signs_nobody_out()
    {
        await using var api = await StartAsync();
        var name = await api.AddUserAsync("admin");
        var before = await SignInAsync(api, name);
        using var rotate = new HttpRequestMessage(HttpMethod.Post, "/api/admin/signing-keys/rotate/")
        {
            Headers = { { "Authorization", $"Bearer {before.Access}" } }
        };

        Assert.Equal(HttpStatusCode.NoContent, (await api.Client.SendAsync(rotate, Cancel)).StatusCode);

        var after = await SignInAsync(api, name);
        Assert.NotEqual(KeyOf(before), KeyOf(after));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, before));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(api, after));
    }

    [Fact]
    public async Task A_configured_key_can_follow_another_without_signing_anybody_out()
    {
        var old = Convert.ToBase64String(new byte[32]);
        var key = Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 48)]);
        await using var before = await StartAsync(("Api:SigningKey", old));
        var pair = await SignInAsync(before, await before.AddUserAsync("viewer"));

        await using var after = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:PublicRead"] = "false", ["Api:SigningKey"] = key, ["Api:PreviousSigningKey"] = old }, database: before.Database);
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(after, pair));

        await using var without = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:PublicRead"] = "false", ["Api:SigningKey"] = key }, database: before.Database);
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(without, pair));
    }

    [Fact]
    public async Task Changing_ones_password_ends_ones_sessions()
    {
        await using var api = await StartAsync();
        var name = await api.AddUserAsync("viewer");
        var pair = await SignInAsync(api, name);

        Assert.Equal(HttpStatusCode.NoContent, await ChangePasswordAsync(api, pair, ApiApplication.Password));

        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(api, pair));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryRefreshAsync(api, pair));
        Assert.Equal(HttpStatusCode.OK, (await TrySignInAsync(api, name, "another good password")).Status);
    }

    [Fact]
    public async Task Who_has_a_token_guesses_no_password_with_it()
    {
        await using var api = await StartAsync(("Api:MaxFailedSignIns", "3"));
        var name = await api.AddUserAsync("viewer");
        var pair = await SignInAsync(api, name);

        for (var attempt = 0; attempt < 3; attempt++)
            Assert.Equal(HttpStatusCode.BadRequest, await ChangePasswordAsync(api, pair, "not the password"));

        Assert.Equal(HttpStatusCode.BadRequest, await ChangePasswordAsync(api, pair, ApiApplication.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, (await TrySignInAsync(api, name, ApiApplication.Password)).Status);
        api.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(HttpStatusCode.NoContent, await ChangePasswordAsync(api, pair, ApiApplication.Password));
    }

    private Task<ApiApplication> StartAsync(params (string Key, string Value)[] settings) => ApiApplication.StartAsync(
        postgres, settings: settings.Append(("Api:PublicRead", "false")).ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2));

    private static async Task<TokenPair> SignInAsync(ApiApplication api, string name)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest(name, ApiApplication.Password), Cancel);
        return await PairAsync(answer);
    }

    private static async Task<(HttpStatusCode Status, string Detail)> TrySignInAsync(ApiApplication api, string name, string password)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token", new SignInRequest(name, password), Cancel);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        return (answer.StatusCode, body.TryGetProperty("detail", out var detail) ? detail.GetString()! : "");
    }

    private static async Task<TokenPair> RefreshAsync(ApiApplication api, TokenPair pair)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/refresh/", new RefreshRequest(pair.Refresh), Cancel);
        return await PairAsync(answer);
    }

    private static async Task<HttpStatusCode> TryRefreshAsync(ApiApplication api, TokenPair pair)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/refresh/", new RefreshRequest(pair.Refresh), Cancel);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> ChangePasswordAsync(ApiApplication api, TokenPair pair, string current)
    {
        using var change = new HttpRequestMessage(HttpMethod.Post, "/api/account/password/")
        {
            Headers = { { "Authorization", $"Bearer {pair.Access}" } },
            Content = JsonContent.Create(new { current, @new = "another good password" }),
        };
        using var answer = await api.Client.SendAsync(change, Cancel);
        return answer.StatusCode;
    }

    private static async Task<TokenPair> PairAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, Cancel))!;
    }

    private static async Task<HttpStatusCode> ReadAsync(ApiApplication api, TokenPair pair)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/posts/") { Headers = { { "Authorization", $"Bearer {pair.Access}" } } };
        using var answer = await api.Client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    private static async Task PatchAsync(HttpClient admin, Guid id, object change)
    {
        using var answer = await admin.PatchAsJsonAsync($"/api/admin/users/{id}/", change, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private static string KeyOf(TokenPair pair) => new JwtSecurityTokenHandler().ReadJwtToken(pair.Access).Header.Kid;
}
