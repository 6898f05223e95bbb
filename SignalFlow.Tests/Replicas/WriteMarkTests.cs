using Microsoft.Extensions.Logging.Testing;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Replicas;

public sealed class WriteMarkTests
{
    [Fact]
    public async Task A_write_succeeds_though_nobody_can_tell_how_far_it_got()
    {
        const string Nowhere = $"Host={LosableName.Nobody};Username=nobody;Password=none;Database=posts";
        await using var app = ReplicaApi.Build("localhost", Nowhere, Nowhere);
        await using var scope = app.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        var log = new FakeLogger<WriteMark>();

        var answer = await new WriteMark(log).InvokeAsync(EndpointFilterInvocationContext.Create(http), _ => ValueTask.FromResult<object?>("written"));

        Assert.Equal("written", answer);
        Assert.Empty(http.Response.Headers);
        Assert.Equal(LogLevel.Warning, Assert.Single(log.Collector.GetSnapshot()).Level);
    }
}
