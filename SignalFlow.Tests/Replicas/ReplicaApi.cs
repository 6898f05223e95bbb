using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Api;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Reading;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Replicas;

/// <summary>One API process that reads from a replica, with two endpoints more: where a read is served, and one that writes.</summary>
internal sealed class ReplicaApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    // Without the retries that the service defaults give to clients: each failure is to be seen.
    private readonly HttpClient _client;

    private ReplicaApi(WebApplication app)
    {
        _app = app;
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false })
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ReplicaApi> StartAsync(
        RedisFixture redis, string primary, string? replica, params (string Key, string Value)[] settings)
    {
        var app = Build(redis.ConnectionString, primary, replica, settings);
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        app.MapGet("/api/test/server", (SignalFlowDbContext database, int? milliseconds) => database.Database.SqlQuery<int>(
            $"SELECT inet_server_port() AS \"Value\" FROM pg_sleep(CASE WHEN pg_is_in_recovery() THEN {(milliseconds ?? 0) / 1000.0} ELSE 0 END)")
            .SingleAsync(Cancel));
        app.MapPost("/api/test/subreddits/{name}", async (string name, SubredditConfigStore subreddits, SignalFlowDbContext database) =>
        {
            await subreddits.ActivateAsync([name], "slow", "test", Cancel);
            return await database.PolledSubreddits.CountAsync(subreddit => subreddit.Name == name, Cancel);
        }).MarksWrites();
        await app.StartAsync(Cancel);
        return new(app);
    }

    /// <summary>The host as far as it takes to check its configuration.</summary>
    public static WebApplication Build(string redis, string primary, string? replica, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information).AddFakeLogging();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Api:PublicRead"] = "true",
            ["Api:AddressRequestsPerMinute"] = "0",
            ["ConnectionStrings:redis"] = redis,
            ["ConnectionStrings:signalflow"] = primary,
            ["ConnectionStrings:signalflow-replica"] = replica,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        builder.AddPostReading();
        builder.AddSignalFlowApi();
        return builder.Build();
    }

    /// <param name="position">What the client has written up to.</param>
    /// <param name="milliseconds">How long the read takes on a standby; on a primary it takes no time.</param>
    /// <returns>The port of the server that has answered.</returns>
    public async Task<int> ServerAsync(string? position = null, int milliseconds = 0)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/test/server?milliseconds={milliseconds}");
        if (position is not null)
            request.Headers.Add(WrittenPosition.Header, position);
        using var answer = await _client.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<int>(Cancel);
    }

    public Task ReadsFromAsync(int port, string? position = null) => Eventually.TrueAsync(async () => await ServerAsync(position) == port);

    /// <summary>Writes, and reads in the same request.</summary>
    public async Task<Written> ActivateAsync(string subreddit)
    {
        using var answer = await _client.PostAsync($"/api/test/subreddits/{subreddit}", null, Cancel);
        answer.EnsureSuccessStatusCode();
        return new(
            await answer.Content.ReadFromJsonAsync<int>(Cancel),
            answer.Headers.TryGetValues(WrittenPosition.Header, out var positions) ? positions.Single() : null,
            answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single() : null);
    }

    /// <summary>Whether the list of subreddits has it, for a client that sends these headers.</summary>
    public async Task<bool> ListsAsync(string subreddit, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ingestion/subreddits/");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _client.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        var list = await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SubredditStatusList, Cancel);
        return list!.Results.Any(row => row.Name == subreddit);
    }

    public async Task<(HttpStatusCode Code, string Status, string? Description)> HealthAsync(string check)
    {
        using var answer = await _client.GetAsync("/health", Cancel);
        var checks = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("checks");
        var entry = checks.GetProperty(check);
        return (answer.StatusCode, entry.GetProperty("status").GetString()!,
            entry.TryGetProperty("description", out var description) ? description.GetString() : null);
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await _client.GetAsync(path, Cancel);
        return answer.StatusCode;
    }

    /// <summary>The value of a line of <c>/metrics</c> whose name and labels contain all of the parts; null: there is none.</summary>
    public async Task<double?> MetricAsync(params string[] parts)
    {
        var lines = (await _client.GetStringAsync("/metrics", Cancel)).Split('\n');
        var line = lines.FirstOrDefault(line => !line.StartsWith('#') && parts.All(part => line.Contains(part, StringComparison.Ordinal)));
        return line is null ? null : double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public bool HasLogged(string part) => _app.Services.GetFakeLogCollector().GetSnapshot()
        .Any(record => record.Message.Contains(part, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    internal sealed record Written(int Seen, string? Position, string? Cookie);
}
