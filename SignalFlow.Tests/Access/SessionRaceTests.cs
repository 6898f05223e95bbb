using System.Net;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

/// <summary>What happens to a user while somebody signs in, refreshes or guesses.</summary>
public sealed class SessionRaceTests(PostgresFixture postgres)
{
    private const string Another = "another good password";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_guesses_at_the_same_time_no_more_are_looked_at_than_of_guesses_in_a_row()
    {
        await using var api = await StartAsync(("Api:MaxFailedSignIns", "5"));
        var name = await api.AddUserAsync("viewer");
        var guesses = await WhileHeldAsync(api, name, "signed_in_at = now()", waiting: 8, () =>
            Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SignInAsync(api, name, "not the password"))));

        Assert.All(guesses, status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(api, name, ApiApplication.Password));
        api.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(api, name, ApiApplication.Password));
    }

    [Fact]
    public async Task A_password_is_changed_though_somebody_signs_in_meanwhile()
    {
        await using var api = await StartAsync();
        var name = await api.AddUserAsync("viewer");
        var pair = await PairAsync(api, name);

        // As whoever signs in writes it, or gives a wrong password.
        var status = await WhileHeldAsync(api, name, "signed_in_at = now(), concurrency_stamp = 'another'", waiting: 1, () => ChangePasswordAsync(api, pair));

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(api, name, ApiApplication.Password));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(api, name, Another));
    }

    [Theory]
    [InlineData("is_active = false, security_stamp = 'another', concurrency_stamp = 'another'")]
    [InlineData("password_hash = 'another', security_stamp = 'another', concurrency_stamp = 'another'")]
    public async Task No_session_begins_with_what_is_good_no_longer(string change)
    {
        await using var api = await StartAsync();
        var name = await api.AddUserAsync("viewer");

        var status = await WhileHeldAsync(api, name, change, waiting: 1, () => SignInAsync(api, name, ApiApplication.Password));

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Empty(await api.Database.RowsAsync("SELECT FROM refresh_tokens"));
    }

    [Fact]
    public async Task Nobody_is_signed_in_whoever_refreshes_while_all_are_signed_out()
    {
        await using var api = await StartAsync();
        using var admin = await api.ClientAsAsync("admin");
        var name = await api.AddUserAsync("viewer");
        var users = await admin.GetFromJsonAsync("/api/admin/users/", ContractsJsonContext.Default.UserList, Cancel);
        var id = users!.Results.Single(user => user.Username == name).Id;
        for (var round = 0; round < 25; round++)
        {
            var pairs = await Task.WhenAll(PairAsync(api, name), PairAsync(api, name), PairAsync(api, name));

            await Task.WhenAll([.. pairs.Select(pair => RefreshAsync(api, pair)), EndSessionsAsync()]);

            Assert.Empty(await api.Database.RowsAsync(
                $"SELECT created_at FROM refresh_tokens WHERE user_id = '{id}' AND used_at IS NULL AND revoked_at IS NULL"));
        }

        async Task EndSessionsAsync()
        {
            using var answer = await admin.DeleteAsync($"/api/admin/users/{id}/sessions/", Cancel);
            answer.EnsureSuccessStatusCode();
        }
    }

    private Task<ApiApplication> StartAsync(params (string Key, string Value)[] settings) => ApiApplication.StartAsync(
        postgres, settings: settings.Append(("Api:PublicRead", "false")).ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2));

    /// <summary>What comes of a request that finds the user's row being changed: it is answered only when it has come to wait for that.</summary>
    private static async Task<T> WhileHeldAsync<T>(ApiApplication api, string name, string change, int waiting, Func<Task<T>> ask)
    {
        await using var connection = await api.Database.DataSource.OpenConnectionAsync(Cancel);
        await using (var hold = new NpgsqlCommand($"BEGIN; UPDATE users SET {change} WHERE user_name = '{name}'", connection))
            await hold.ExecuteNonQueryAsync(Cancel);
        var asked = ask();
        await api.Database.AreWaitingAsync(waiting);
        await using (var done = new NpgsqlCommand("COMMIT", connection))
            await done.ExecuteNonQueryAsync(Cancel);
        return await asked;
    }

    private static async Task<HttpStatusCode> SignInAsync(ApiApplication api, string name, string password)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest(name, password), Cancel);
        return answer.StatusCode;
    }

    private static async Task<TokenPair> PairAsync(ApiApplication api, string name)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest(name, ApiApplication.Password), Cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, Cancel))!;
    }

    private static async Task RefreshAsync(ApiApplication api, TokenPair pair)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/refresh/", new RefreshRequest(pair.Refresh), Cancel);
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Unauthorized });
    }

    private static async Task<HttpStatusCode> ChangePasswordAsync(ApiApplication api, TokenPair pair)
    {
        using var change = new HttpRequestMessage(HttpMethod.Post, "/api/account/password/")
        {
            Headers = { { "Authorization", $"Bearer {pair.Access}" } },
            Content = JsonContent.Create(new { current = ApiApplication.Password, @new = Another }),
        };
        using var answer = await api.Client.SendAsync(change, Cancel);
        return answer.StatusCode;
    }
}
