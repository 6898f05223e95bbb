using System.Net;
using SignalFlow.Api.Access.Setup;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class SetupTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_configured_password_is_the_first_administrators_and_of_no_later_start()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["SIGNALFLOW_ADMIN_PASSWORD"] = "a first password" });
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(api, "a first password"));

        await using var again = await ApiApplication.StartAsync(
            postgres, settings: new() { ["SIGNALFLOW_ADMIN_PASSWORD"] = "another password" }, database: api.Database);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(again, "a first password"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(again, "another password"));
        Assert.Equal(["(system,user.add,user:admin)"], await api.Database.RowsAsync("SELECT actor, action, target FROM audit_log"));
    }

    [Fact]
    public async Task Processes_that_start_together_make_one_administrator()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var starts = Enumerable.Range(0, 3).Select(_ =>
            ApiApplication.StartAsync(postgres, settings: new() { ["SIGNALFLOW_ADMIN_PASSWORD"] = "a first password" }, database: database));
        foreach (var api in await Task.WhenAll(starts))
            await api.DisposeAsync();

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task Without_a_password_there_is_no_user_but_a_link_that_works_once()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        Assert.Equal(0, await api.Database.ScalarAsync<long>("SELECT count(*) FROM users"));
        var token = await LinkAsync(api);

        Assert.Equal(HttpStatusCode.Forbidden, await SetUpAsync(api, "not-the-token"));
        Assert.Equal(HttpStatusCode.Created, await SetUpAsync(api, token));
        Assert.Equal(HttpStatusCode.Forbidden, await SetUpAsync(api, token));
        // Another link of another process is no use once there is a user.
        Assert.Equal(HttpStatusCode.Forbidden, await SetUpAsync(api, await LinkAsync(api)));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(api, ApiApplication.Password));
        // It is used up, not only kept out by the user it has made.
        await api.Database.ExecuteAsync("DELETE FROM users");
        Assert.Equal(HttpStatusCode.Forbidden, await SetUpAsync(api, token));
    }

    [Fact]
    public async Task A_link_ends_after_a_day()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var token = await LinkAsync(api);
        api.Time.Advance(TimeSpan.FromHours(25));

        Assert.Equal(HttpStatusCode.Forbidden, await SetUpAsync(api, token));
    }

    [Fact]
    public async Task The_links_page_works_without_scripts_and_repeats_nothing_unescaped()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var token = await LinkAsync(api);
        var page = await api.Client.GetStringAsync("/api/setup/?token=%22%3E%3Cscript%3E", Cancel);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);

        using var tooShort = await PostAsync("short");
        Assert.Equal(HttpStatusCode.BadRequest, tooShort.StatusCode);
        Assert.Contains("password must have 12 to 256 characters.", await tooShort.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var done = await PostAsync(ApiApplication.Password);
        Assert.Contains("admin is the administrator", await done.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(api, ApiApplication.Password));

        Task<HttpResponseMessage> PostAsync(string password) => api.Client.PostAsync(
            "/api/setup/form",
            new FormUrlEncodedContent([new("token", token), new("username", "admin"), new("password", password)]),
            Cancel);
    }

    private static async Task<string> LinkAsync(ApiApplication api) => await api.FirstAdmin.AddLinkAsync(Cancel);

    private static async Task<HttpStatusCode> SetUpAsync(ApiApplication api, string token)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/setup/", new SetupRequest(token, FirstAdmin.UserName, ApiApplication.Password), Cancel);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(ApiApplication api, string password)
    {
        using var answer = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest("admin", password), Cancel);
        return answer.StatusCode;
    }
}
