using System.Net;
using System.Net.WebSockets;
using System.Text;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class LiveEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_viewer_receives_every_update_once_in_order()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var first = await api.ConnectAsync();
        using var second = await api.ConnectAsync();
        await SubscribedAsync(api, first, second);

        var sent = Enumerable.Range(0, 50).Select(index => $"{{\"type\":\"posts.update\",\"posts\":[{index}]}}").ToList();
        foreach (var update in sent)
            await api.PublishAsync(Encoding.UTF8.GetBytes(update));

        foreach (var viewer in new[] { first, second })
        {
            var received = new List<string>();
            while (received.Count < sent.Count)
            {
                if (await ReceiveAsync(viewer) is var message && message != "probe")
                    received.Add(message);
            }

            Assert.Equal(sent, received);
        }
    }

    [Fact]
    public async Task A_viewer_that_leaves_disturbs_nobody()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var leaving = await api.ConnectAsync();
        using var staying = await api.ConnectAsync();
        await SubscribedAsync(api, leaving, staying);

        await leaving.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await api.PublishAsync("after"u8.ToArray());

        string message;
        do
            message = await ReceiveAsync(staying);
        while (message == "probe");
        Assert.Equal("after", message);
    }

    [Fact]
    public async Task A_stopping_server_says_so()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ConnectAsync();

        var stopping = api.StopAsync();
        var result = await viewer.ReceiveAsync(new byte[64], Cancel);
        await viewer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopping;

        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, viewer.CloseStatus);
    }

    [Fact]
    public async Task A_plain_request_is_told_to_upgrade()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync("/ws/posts/", Cancel);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>Redis subscribes in the background, so probes are sent until every viewer has seen one.</summary>
    private static async Task SubscribedAsync(ApiApplication api, params ClientWebSocket[] viewers)
    {
        var seen = Task.WhenAll(viewers.Select(ReceiveAsync));
        await Eventually.TrueAsync(async () =>
        {
            await api.PublishAsync("probe"u8.ToArray());
            return seen.IsCompletedSuccessfully;
        });
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket viewer)
    {
        var buffer = new byte[4096];
        var result = await viewer.ReceiveAsync(buffer, Cancel);
        Assert.True(result.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
