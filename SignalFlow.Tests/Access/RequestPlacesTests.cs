using System.Net;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class RequestPlacesTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_ones_slow_questions_take_all_ones_places_others_are_served()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new()
        {
            ["Api:AddressRequestsPerMinute"] = "60000",
            ["Api:CallerRequestsAtOnce"] = "2",
            ["Api:CallerRequestsWaiting"] = "1",
        });
        using var other = await api.ClientAsAsync("viewer");
        await using var slow = await LockedPosts.TakeAsync(api.Database);
        var asked = new List<Task<HttpResponseMessage>>([Ask(), Ask()]);
        await slow.AreWaitedForAsync(2);
        asked.AddRange([Ask(), Ask()]);

        var first = await Task.WhenAny(asked);
        using var refused = await first;
        using var served = await other.GetAsync("/api/account/searches/", Cancel);
        using var alive = await api.Client.GetAsync("/health", Cancel);
        using var live = await api.Client.GetAsync("/api/stream/", HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Contains("requests of this address at a time", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.All([served, alive, live], answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await slow.DisposeAsync();
        foreach (var waiting in asked.Where(asking => asking != first))
        {
            using var answer = await waiting;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Task<HttpResponseMessage> Ask() => api.Client.GetAsync("/api/posts/", Cancel);
    }

    [Fact]
    public async Task All_keys_of_a_user_have_the_places_of_one()
    {
        await using var api = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:CallerRequestsAtOnce"] = "2", ["Api:CallerRequestsWaiting"] = "0" });
        using var owner = await api.ClientAsAsync("viewer");
        var keys = new List<string>();
        for (var key = 0; key < 3; key++)
        {
            using var made = await owner.PostAsJsonAsync(
                "/api/account/keys/", new NewApiKey($"key {key}", ["read"], null), ContractsJsonContext.Default.NewApiKey, Cancel);
            keys.Add((await made.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedApiKey, Cancel))!.Secret);
        }

        await using var slow = await LockedPosts.TakeAsync(api.Database);
        var asked = new[] { AskAsync(keys[0]), AskAsync(keys[1]) };
        await slow.AreWaitedForAsync(2);

        using var refused = await AskAsync(keys[2]);
        using var another = await api.Client.GetAsync("/api/access/", Cancel);
        await slow.DisposeAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("requests of this user at a time", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, another.StatusCode);
        foreach (var asking in asked)
        {
            using var answer = await asking;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        async Task<HttpResponseMessage> AskAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/posts/") { Headers = { { "X-Api-Key", key } } };
            return await api.Client.SendAsync(request, Cancel);
        }
    }

    [Fact]
    public async Task Exports_have_places_of_their_own()
    {
        await using var api = await ApiApplication.StartAsync(
            postgres, settings: new() { ["Api:AddressRequestsPerMinute"] = "60000", ["Api:CallerExportsAtOnce"] = "1" });
        await using var slow = await LockedPosts.TakeAsync(api.Database);
        var begun = ExportAsync();
        await slow.AreWaitedForAsync(1);

        Assert.Equal(HttpStatusCode.TooManyRequests, await ExportAsync());
        using var other = await api.Client.GetAsync("/api/access/", Cancel);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        await slow.DisposeAsync();
        Assert.Equal(HttpStatusCode.OK, await begun);
        Assert.Equal(HttpStatusCode.OK, await ExportAsync());

        async Task<HttpStatusCode> ExportAsync()
        {
            using var answer = await api.Client.GetAsync("/api/posts/export?format=csv", Cancel);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task All_together_have_fewer_places_than_the_database_has_connections()
    {
        // Without a limit for each, one stands for many.
        await using var api = await ApiApplication.StartAsync(postgres);
        var connections = new NpgsqlConnectionStringBuilder(api.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString).MaxPoolSize;
        await using var slow = await LockedPosts.TakeAsync(api.Database);
        const int Waiting = 100;
        var places = connections * 3 / 4;
        var asked = Enumerable.Range(0, places + Waiting + 1).Select(_ => api.Client.GetAsync("/api/posts/", Cancel)).ToList();

        var first = await Task.WhenAny(asked);
        using var refused = await first;
        await slow.AreWaitedForAsync(places);
        using var signedIn = await api.ClientAsAsync("viewer");
        using var health = await api.Client.GetAsync("/health", Cancel);
        await slow.DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        foreach (var waiting in asked.Where(asking => asking != first))
        {
            using var answer = await waiting;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <summary>Nobody reads a post until it ends.</summary>
    private sealed class LockedPosts(MigratedDatabase database, NpgsqlConnection connection) : IAsyncDisposable
    {
        public static async Task<LockedPosts> TakeAsync(MigratedDatabase database)
        {
            var connection = await database.DataSource.OpenConnectionAsync(Cancel);
            await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE", connection);
            await command.ExecuteNonQueryAsync(Cancel);
            return new(database, connection);
        }

        public Task AreWaitedForAsync(int statements) => database.AreWaitingAsync(statements);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
