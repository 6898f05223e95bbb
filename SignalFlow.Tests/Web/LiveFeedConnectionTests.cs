using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.ServiceDiscovery;
using SignalFlow.Contracts;
using SignalFlow.Web;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

/// <summary>The real connection against a real server; only what the API would answer is made up.</summary>
public sealed class LiveFeedConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LiveApi _api = new();
    private WebApplication _web = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PostFeed Feed => _web.Services.GetRequiredService<PostFeed>();

    private static PostView Feed7 => Posts.Post(7);

    public async ValueTask InitializeAsync()
    {
        await _api.StartAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["services:api:http:0"] = _api.Address;
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        builder.AddSignalFlowWeb();
        _web = builder.Build();
        _web.MapSignalFlowWeb();
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Starts_with_all_newest_pages_and_goes_on_with_what_is_pushed()
    {
        _api.Posts = Posts.Range(1, 230);
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);
        Assert.Equal(230, Feed.Posts.Length);

        await _api.PushAsync(Posts.Post(231), Posts.Post(7, polls: 3));
        await UntilAsync(() => Feed.Posts.Length == 231);
        Assert.Equal(103, Feed.Posts.Single(post => post.Id == "p00007").CurrentScore);
    }

    [Fact]
    public async Task Trails_begin_with_what_was_observed_before()
    {
        _api.Posts = Posts.Range(1, 150);
        _api.Trails = [new("p00007", [new(Feed7.LastPolledAt.AddMinutes(-5), 5), new(Feed7.LastPolledAt.AddMinutes(-2), 60), new(Feed7.LastPolledAt, 100)])];
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);

        Assert.Equal([5, 60, 100], Feed.TrailOf("p00007").Select(point => point.Score));
        await _api.PushAsync(Posts.Post(7, polls: 3));
        await UntilAsync(() => Feed.TrailOf("p00007").Length == 4);
        Assert.Equal(103, Feed.TrailOf("p00007")[^1].Score);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_api_says_whether_reading_needs_a_sign_in(bool isOpen)
    {
        _api.PublicRead = isOpen;
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);

        Assert.Equal(!isOpen, _web.Services.GetRequiredService<ReadingAccess>().NeedsSignIn);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.Redirect)]
    public async Task An_api_that_takes_no_live_connections_still_says_who_may_read(bool isOpen, HttpStatusCode expected)
    {
        (_api.PublicRead, _api.Refuses) = (isOpen, true);
        await _web.StartAsync(Cancel);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = new(_web.Urls.First()) };

        using var answer = await browser.GetAsync("/search", Cancel);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(isOpen ? null : "/sign-in?return=%2Fsearch", answer.Headers.Location?.ToString());
        Assert.Equal(0, _api.Connections);
    }

    [Fact]
    public async Task An_api_that_comes_late_opens_the_pages_soon()
    {
        var address = _api.Address;
        await _api.StopAsync();
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Reconnecting);
        Assert.True(_web.Services.GetRequiredService<ReadingAccess>().NeedsSignIn);

        await using var late = new LiveApi(address) { Refuses = true };
        await late.StartAsync();

        await _web.Services.GetRequiredService<ReadingAccess>().Known.WaitAsync(Patience, Cancel);
        Assert.False(_web.Services.GetRequiredService<ReadingAccess>().NeedsSignIn);
    }

    [Fact]
    public async Task After_a_break_the_missed_posts_are_there_and_none_twice()
    {
        _api.Posts = Posts.Range(1, 120);
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);

        // What happens while nobody listens: new posts, and an older one polled again.
        _api.Posts = [.. Posts.Range(2, 250), Posts.Post(1, polls: 30)];
        _api.BreakConnections();

        await UntilAsync(() => Feed.Posts.Length == 250);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);
        Assert.Equal(250, Feed.Posts.Select(post => post.Id).Distinct().Count());
        Assert.Equal(130, Feed.Posts.Single(post => post.Id == "p00001").CurrentScore);

        await _api.PushAsync(Posts.Post(251));
        await UntilAsync(() => Feed.Posts.Length == 251);
        Assert.Equal(2, _api.Connections);
    }

    [Fact]
    public async Task A_post_that_is_purged_leaves_whether_it_is_told_or_was_missed_in_a_break()
    {
        _api.Posts = Posts.Range(1, 150);
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);

        await _api.PushAsync(Posts.Purged(140));
        await UntilAsync(() => Feed.Posts.Length == 149);

        // The list leaves purged posts out, also those of which nothing was heard.
        _api.Posts = [.. Posts.Range(1, 59), .. Posts.Range(61, 139), .. Posts.Range(141, 160)];
        _api.BreakConnections();

        await UntilAsync(() => Feed.Posts.Length == 158 && Feed.Connection.State == LiveState.Live);
        Assert.Equal(["p00060", "p00140"], Feed.Purged.Order());
    }

    [Fact]
    public async Task Says_that_it_is_reconnecting_and_when_it_tries_again()
    {
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());

        _api.Refuses = true;
        _api.BreakConnections();
        await UntilAsync(() => Feed.Connection is { State: LiveState.Reconnecting, RetryAt: not null });
        Assert.Equal(HealthStatus.Degraded, await HealthAsync());

        _api.Refuses = false;
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
    }

    [Fact]
    public async Task A_message_that_is_not_readable_or_of_another_kind_is_skipped()
    {
        using var updates = new MetricCollector<long>(
            _web.Services.GetRequiredService<IMeterFactory>(), WebMetrics.MeterName, "signalflow_web_live_updates_total");
        await _web.StartAsync(Cancel);
        await UntilAsync(() => Feed.Connection.State == LiveState.Live);

        await _api.PushTextAsync("{\"type\":\"posts.update\",\"posts\":[{]}");
        await _api.PushTextAsync("{\"type\":\"something.else\",\"posts\":[]}");
        await _api.PushAsync(Posts.Range(1, 400));

        await UntilAsync(() => Feed.Posts.Length == 400);
        Assert.Equal(1, _api.Connections);
        Assert.Equal(400, updates.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
    }

    [Theory]
    [InlineData(1, 0, 500)]
    [InlineData(1, 0.999999, 250)]
    [InlineData(3, 0, 2_000)]
    [InlineData(6, 0, 15_000)]
    [InlineData(int.MaxValue, 0, 15_000)]
    [InlineData(int.MaxValue, 0.999999, 7_500)]
    public void The_delay_doubles_up_to_fifteen_seconds_and_is_shortened_by_up_to_half(int failures, double jitter, int milliseconds) =>
        Assert.Equal(milliseconds, LiveFeedConnection.DelayBeforeAttempt(failures, jitter).TotalMilliseconds, 0.1);

    [Fact]
    public void The_stream_is_on_the_host_and_port_of_the_api()
    {
        Assert.Equal("ws://api.internal/ws/posts/", LiveFeedConnection.StreamAddress(new DnsEndPoint("api.internal", 80)).AbsoluteUri);
        Assert.Equal("ws://127.0.0.1:8080/ws/posts/", LiveFeedConnection.StreamAddress(new IPEndPoint(IPAddress.Loopback, 8080)).AbsoluteUri);
        Assert.Equal("ws://[::1]:8080/ws/posts/", LiveFeedConnection.StreamAddress(new IPEndPoint(IPAddress.IPv6Loopback, 8080)).AbsoluteUri);
        Assert.Equal("wss://api.example/ws/posts/", LiveFeedConnection.StreamAddress(new UriEndPoint(new("https://api.example"))).AbsoluteUri);
    }

    private async Task<HealthStatus> HealthAsync() =>
        (await _web.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Entries["live-feed"].Status;

    /// <summary>Waits for the feed to get there, looking whenever it tells of a change.</summary>
    private async Task UntilAsync(Func<bool> reached)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Feed.OnChanged(() =>
        {
            if (reached())
                done.TrySetResult();
            return Task.CompletedTask;
        });
        if (!reached())
            await done.Task.WaitAsync(Patience, Cancel);
    }
}
