using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Testing;
using SignalFlow.Api.Live;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Live;

public sealed class HubFaultTests(PostgresFixture postgres)
{
    [Fact]
    public async Task What_goes_wrong_in_the_hub_is_logged_and_what_a_client_does_wrong_is_not()
    {
        await using var live = await LiveApplication.StartAsync(postgres, configure: builder =>
        {
            builder.Logging.AddFakeLogging();
            builder.Services.Configure<HubOptions>(hub => hub.AddFilter(new Fault()));
        });
        await using var hub = await LiveViewer.ConnectAsync(live, Wire.HubJson);

        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("""{"colour":"red"}"""));
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("null"));
        Assert.Empty(Errors(live));
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("""{"subreddits":["fault"]}"""));

        var error = Assert.Single(Errors(live));
        Assert.Equal("Subscribe of the hub has failed", error.Message);
        Assert.Equal("of ours", error.Exception?.Message);
    }

    private static List<FakeLogRecord> Errors(LiveApplication live) =>
        [.. live.Services().GetFakeLogCollector().GetSnapshot().Where(record => record.Level >= LogLevel.Error)];

    /// <summary>Lies inside the hub's own filters, as its methods do.</summary>
    private sealed class Fault : IHubFilter
    {
        public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next) =>
            invocationContext.HubMethodArguments[0] is LivePayload filter && filter.Json.Span.IndexOf("fault"u8) >= 0
                ? throw new InvalidOperationException("of ours")
                : next(invocationContext);
    }
}
