using System.Net;
using Microsoft.IdentityModel.JsonWebTokens;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Live;

/// <summary>A connection lasts no longer than what it was opened with.</summary>
public sealed class LiveCredentialTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubMessagePack)]
    [InlineData(Wire.EventStream)]
    public async Task A_connection_ends_soon_after_its_key_is_revoked_and_others_go_on(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true, settings: ("Api:PublicRead", "false"));
        using var owner = SignedIn(live, await live.TokenAsync());
        var (key, other) = (await KeyAsync(owner), await KeyAsync(owner));
        await using var viewer = await LiveViewer.ConnectAsync(live, wire, $"access_token={key.Secret}");
        await using var again = await LiveViewer.ConnectAsync(live, wire, $"access_token={key.Secret}");
        await using var beside = await LiveViewer.ConnectAsync(live, wire, $"access_token={other.Secret}");

        live.Time!.Advance(Soon);
        await live.CommitAsync(LiveApplication.Post("a1"));
        await viewer.UntilAsync("a1", 1);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/account/keys/{key.Key.Id}/", Cancel)).StatusCode);
        live.Time.Advance(Soon);
        await Task.WhenAll(viewer.Closed, again.Closed);

        if (wire == Wire.WebSocket)
            Assert.Equal(4401, (int)viewer.CloseStatus!);
        await live.CommitAsync(LiveApplication.Post("a2"));
        await beside.UntilAsync("a2", 1);
    }

    [Fact]
    public async Task A_connection_ends_soon_after_its_user_is_signed_out_everywhere_or_deactivated_and_others_go_on()
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true, settings: ("Api:PublicRead", "false"));
        using var admin = SignedIn(live, await live.TokenAsync("admin"));
        var (signedOut, deactivated, staying) = (await live.TokenAsync(), await live.TokenAsync(), await live.TokenAsync());
        using var owner = SignedIn(live, deactivated);
        await using var events = await LiveViewer.ConnectAsync(live, Wire.EventStream, $"access_token={signedOut}");
        await using var socket = await LiveViewer.ConnectAsync(live, Wire.WebSocket, $"access_token={(await KeyAsync(owner)).Secret}");
        await using var beside = await LiveViewer.ConnectAsync(live, Wire.EventStream, $"access_token={staying}");

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/admin/users/{IdOf(signedOut)}/sessions/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsJsonAsync($"/api/admin/users/{IdOf(deactivated)}/", new { is_active = false }, Cancel)).StatusCode);
        live.Time!.Advance(Soon);
        await Task.WhenAll(events.Closed, socket.Closed);

        await live.CommitAsync(LiveApplication.Post("a1"));
        await beside.UntilAsync("a1", 1);
    }

    [Fact]
    public async Task While_the_database_does_not_answer_nobody_is_ended()
    {
        await using var live = await LiveApplication.StartAsync(
            postgres, withClock: true, configure: builder => builder.Logging.AddFakeLogging(), settings: ("Api:PublicRead", "false"));
        using var owner = SignedIn(live, await live.TokenAsync());
        var key = await KeyAsync(owner);
        await using var viewer = await LiveViewer.ConnectAsync(live, query: $"access_token={key.Secret}");
        await live.Database.ExecuteAsync("UPDATE api_keys SET revoked_at = now(); ALTER TABLE api_keys RENAME TO keys_apart");

        live.Time!.Advance(Soon);
        await Eventually.TrueAsync(() => Task.FromResult(live.Services().GetFakeLogCollector().GetSnapshot()
            .Any(record => record.Message.StartsWith("Whether live connections may go on", StringComparison.Ordinal))));
        await live.CommitAsync(LiveApplication.Post("a1"));
        await viewer.UntilAsync("a1", 1);

        await live.Database.ExecuteAsync("ALTER TABLE keys_apart RENAME TO api_keys");
        live.Time.Advance(Soon);
        await viewer.Closed;
    }

    [Fact]
    public async Task All_keys_of_a_user_have_the_connections_of_one()
    {
        await using var live = await LiveApplication.StartAsync(postgres, settings: ("Api:Live:MaxConnectionsPerUser", "2"));
        var token = await live.TokenAsync();
        using var owner = SignedIn(live, token);
        await using var first = await LiveViewer.ConnectAsync(live, Wire.EventStream, $"access_token={token}");
        await using var second = await LiveViewer.ConnectAsync(live, Wire.WebSocket, $"access_token={(await KeyAsync(owner)).Secret}");
        using var client = live.CreateClient();

        using var refused = await client.GetAsync(
            $"/api/stream/?access_token={(await KeyAsync(owner)).Secret}", HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("This user has all the live connections", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static HttpClient SignedIn(LiveApplication live, string token)
    {
        var client = live.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    private static async Task<CreatedApiKey> KeyAsync(HttpClient owner)
    {
        using var answer = await owner.PostAsJsonAsync(
            "/api/account/keys/", new NewApiKey("a key", ["live"], null), ContractsJsonContext.Default.NewApiKey, Cancel);
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedApiKey, Cancel))!;
    }

    private static string IdOf(string token) => new JsonWebToken(token).Subject;
}
