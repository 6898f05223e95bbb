using System.Net;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Web.Access;

namespace SignalFlow.Tests.Web;

/// <summary>How much of the UI an address may have.</summary>
public sealed class PageLimitTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_opens_too_many_pages_is_told_when_to_come_back_and_files_are_not_counted()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey });
        // Two at once, and another every 5 s.
        await using var web = await WebApplicationUnderTest.StartAsync(api, new() { ["Web:AddressRequestsPerMinute"] = "12" });
        for (var file = 0; file < 10; file++)
            Assert.NotEmpty(await web.Browser.GetStringAsync("/app.css", Cancel));
        Assert.NotEmpty(await web.Browser.GetStringAsync("/search", Cancel));
        using var circuit = await web.Browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, circuit.StatusCode);

        using var refused = await web.Browser.GetAsync("/compare", Cancel);
        using var refusedCircuit = await web.Browser.PostAsync("/_blazor/negotiate?negotiateVersion=1&id=any", null, Cancel);

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (refused.StatusCode, refusedCircuit.StatusCode));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        Assert.StartsWith("Too many requests of this address", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("text/plain", refused.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty(await web.Browser.GetStringAsync("/app.css", Cancel));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("2001:db8::1", "192.0.2.1", false)]
    public async Task One_address_takes_nothing_from_another(string first, string second, bool isSame)
    {
        using var limits = new PageLimits(Options.Create(new PageLimitOptions { AddressRequestsPerMinute = 6 }));

        Assert.Equal(StatusCodes.Status200OK, await AskAsync(limits, first, new ComponentTypeMetadata(typeof(ComponentBase))));
        Assert.Equal(
            isSame ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK,
            await AskAsync(limits, second, new ComponentTypeMetadata(typeof(ComponentBase))));
    }

    [Theory]
    [InlineData("", StatusCodes.Status429TooManyRequests)]
    [InlineData("?id=any", StatusCodes.Status200OK)]
    public async Task A_circuit_is_counted_once(string query, int second)
    {
        using var limits = new PageLimits(Options.Create(new PageLimitOptions { AddressRequestsPerMinute = 6 }));
        Assert.Equal(StatusCodes.Status200OK, await AskAsync(limits, "192.0.2.1", new NegotiateMetadata()));

        Assert.Equal(second, await AskAsync(limits, "192.0.2.1", new HubMetadata(typeof(Hub)), query));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(-1, false)]
    [InlineData(100_000_001, false)]
    public void The_limit_is_a_number_of_requests_or_none(int perMinute, bool isValid)
    {
        var result = new PageLimitOptions.Validator().Validate(null, new() { AddressRequestsPerMinute = perMinute });

        Assert.Equal(isValid, result.Succeeded);
        Assert.True(isValid || result.FailureMessage!.StartsWith($"Web:AddressRequestsPerMinute is {perMinute};", StringComparison.Ordinal));
    }

    private static async Task<int> AskAsync(PageLimits limits, string address, object metadata, string query = "")
    {
        var context = new DefaultHttpContext
        {
            Connection = { RemoteIpAddress = IPAddress.Parse(address) },
            Request = { QueryString = new(query) },
        };
        context.SetEndpoint(new Endpoint(null, new(metadata), null));
        await limits.InvokeAsync(context, _ => Task.CompletedTask);
        return context.Response.StatusCode;
    }
}
