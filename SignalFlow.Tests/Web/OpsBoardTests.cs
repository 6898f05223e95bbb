using System.Net;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Web.Components.Ops;
using SignalFlow.Web.Live;
using static SignalFlow.Tests.Web.OpsScenes;

namespace SignalFlow.Tests.Web;

public sealed class OpsBoardTests : BunitContext
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new(Posts.Now);
    private readonly AnswersOfTheApi _api = new();
    private readonly BunitJSModuleInterop _browser;
    private readonly BunitAuthorizationContext _user;

    public OpsBoardTests()
    {
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton<ApiClient>();
        Services.AddSingleton<PostFeed>();
        _user = this.AddAuthorization();
        Services.AddHttpClient(ApiClient.ServiceName, client => client.BaseAddress = ApiClient.ServiceAddress)
            .ConfigurePrimaryHttpMessageHandler(() => _api);
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        _browser = JSInterop.SetupModule("./ops.js");
        _browser.SetupVoid("attach", _ => true).SetVoidResult();
        _browser.SetupVoid("detach").SetVoidResult();
    }

    [Fact]
    public void A_shard_shows_its_quota_the_reset_and_how_old_the_sweep_is()
    {
        _api.Ingestion = new() { Shards = [Shard()] };

        var board = RenderReady();

        Assert.Equal("0 of 2", Text(board.Find("[data-testid=shard] th")));
        Assert.Equal("58 of 60 in the last minute", Text(board.Find("[data-testid=quota]")));
        Assert.Equal("412 requests left reset in 5 min", Text(board.Find("[data-testid=window]")));
        Assert.StartsWith("every post seen in 23 h", Text(board.Find("[data-testid=sweep]")), StringComparison.Ordinal);
        Assert.DoesNotContain("silent", board.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("paused, goes on", board.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_is_silent_or_paused_says_so_in_words()
    {
        _api.Ingestion = new()
        {
            Shards = [Shard() with { HeartbeatAt = Posts.Now.AddMinutes(-7), HeartbeatAgeSeconds = 420, PausedUntil = Posts.Now.AddSeconds(90) }],
        };

        var text = Text(RenderReady().Find("[data-testid=shard]"));

        Assert.Contains("silent, last sign 7 min ago", text, StringComparison.Ordinal);
        Assert.Contains("paused, goes on in 1 min", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Subreddits_in_trouble_come_first_and_say_why()
    {
        _api.Subreddits =
        [
            Subreddit("alpha", "ok"), Subreddit("Beta", "pending"), Subreddit("zeta", "private") with { Detail = "403", StatusSince = Posts.Now.AddHours(-2) },
            Subreddit("asleep", "ok") with { IsActive = false }, Subreddit("gamma", "something_else"),
        ];

        var board = RenderReady();

        Assert.Equal(["gamma", "zeta", "Beta", "alpha", "asleep"], Names(board));
        Assert.Equal("Private: only its members can read it since 2 h ago: 403", Text(Row(board, "zeta").QuerySelectorAll("td")[0]));
        Assert.Equal("Something else", Text(Row(board, "gamma").QuerySelector(".ops-status")!));
        Assert.Equal(
            ["Polled", "Fast, every 30 s", "1 min ago", "12.5", "0.8", "in 20 s", "340 posts, 3 h ago", "2"],
            Row(board, "alpha").QuerySelectorAll("td").Select(Text));
    }

    [Fact]
    public void Tables_have_captions_and_headers_for_rows_and_columns()
    {
        _api.Ingestion = new() { Shards = [Shard()] };
        _api.Subreddits = [Subreddit("alpha", "ok")];
        _api.Purges = Purges(1);
        _api.Pipeline = Pipelines.Working;

        foreach (var table in RenderReady().FindAll("table").Concat(RenderReady("/ops?view=storage").FindAll("table")))
        {
            Assert.NotEmpty(table.QuerySelector("caption")!.TextContent);
            Assert.All(table.QuerySelectorAll("thead th"), header => Assert.Equal("col", header.GetAttribute("scope")));
            Assert.All(table.QuerySelectorAll("tbody th"), header => Assert.Equal("row", header.GetAttribute("scope")));
        }
    }

    [Fact]
    public void The_address_filters_by_status()
    {
        _api.Subreddits = [Subreddit("alpha", "ok"), Subreddit("beta", "private"), Subreddit("gamma", "banned")];
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        navigation.NavigateTo("/ops?status=private");
        var board = RenderReady();
        Assert.Equal(["beta"], Names(board));
        Assert.Equal("Private 1", Text(board.Find("[data-testid=status-filter] [aria-current]")));

        navigation.NavigateTo("/ops?status=trouble");
        board.WaitForAssertion(() => Assert.Equal(["beta", "gamma"], Names(board)));
        navigation.NavigateTo("/ops");
        board.WaitForAssertion(() => Assert.Equal(3, Names(board).Length));
        navigation.NavigateTo("/ops?status=renamed");
        board.WaitForAssertion(() => Assert.Contains(
            "No subreddit has this status", board.Find("[data-testid=subreddits-empty]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Purges_are_counted_by_reason_and_the_newest_are_listed()
    {
        _api.Purges = Purges(2);

        var board = RenderReady("/ops?view=storage");

        Assert.Equal("All 16 2,500", Text(board.Find("[data-testid=purge-totals]")));
        Assert.Contains("Removed by a moderator", board.Markup, StringComparison.Ordinal);
        Assert.Equal("1 min ago r/technology Absent from Reddit's answers 2 d ago p1", Text(board.FindAll("[data-testid=purge]")[0]));
    }

    [Fact]
    public void Without_data_each_part_says_so()
    {
        var board = RenderReady();

        Assert.NotEmpty(board.FindAll("[data-testid=shards-empty]"));
        Assert.NotEmpty(board.FindAll("[data-testid=subreddits-empty]"));
        Assert.NotEmpty(board.FindAll("[data-testid=instances-empty]"));
        Assert.NotEmpty(RenderReady("/ops?view=storage").FindAll("[data-testid=purges-empty]"));
    }

    [Fact]
    public void It_refreshes_by_itself_unless_it_is_paused_or_not_seen()
    {
        var board = RenderReady();
        Assert.Equal(4, _api.Requests);

        _time.Advance(Interval);
        board.WaitForAssertion(() => Assert.Equal(8, _api.Requests));
        Assert.Contains("12:00:05", Text(board.Find("[data-testid=freshness]")), StringComparison.Ordinal);

        board.Find("[data-testid=pause]").Click();
        _time.Advance(Interval);
        Assert.Equal(8, _api.Requests);
        Assert.StartsWith("Paused", Text(board.Find("[data-testid=freshness]")), StringComparison.Ordinal);

        board.Find("[data-testid=pause]").Click();
        board.WaitForAssertion(() => Assert.Equal(12, _api.Requests));

        board.InvokeAsync(() => board.Instance.OnVisibilityChangedAsync(visible: false));
        _time.Advance(Interval);
        Assert.Equal(12, _api.Requests);
        board.InvokeAsync(() => board.Instance.OnVisibilityChangedAsync(visible: true));
        board.WaitForAssertion(() => Assert.Equal(16, _api.Requests));
    }

    [Fact]
    public void Each_view_has_an_address_and_asks_only_for_what_it_shows()
    {
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        var board = RenderReady("/ops?view=storage");
        Assert.Equal(["/api/storage/", "/api/ingestion/purges/"], _api.Paths);
        Assert.Equal("Storage", Text(board.Find("[data-testid=views] [aria-current=page]")));
        Assert.Empty(board.FindAll("[data-testid=map]"));

        board.Find("[data-testid=pause]").Click();
        navigation.NavigateTo("/ops");
        board.WaitForAssertion(() => Assert.Equal("ready", State(board)));
        Assert.Equal("Overview", Text(board.Find("[data-testid=views] [aria-current=page]")));
        Assert.NotEmpty(board.FindAll("[data-testid=map]"));
        Assert.Equal(6, _api.Requests);
    }

    [Fact]
    public void Dead_letters_are_for_operators_and_whoever_is_not_one_is_told()
    {
        var board = RenderReady("/ops?view=dead-letters");
        var gate = board.Find("[data-testid=gate]");
        Assert.Equal("operator", gate.GetAttribute("data-role"));
        Assert.Equal("/sign-in?return=%2Fops%3Fview%3Ddead-letters", gate.QuerySelector("a")!.GetAttribute("href"));
        Assert.Empty(board.FindAll("[data-testid=inbox]"));
        Assert.Empty(_api.Paths);

        _user.SetAuthorized("olga").SetRoles("viewer", "analyst", "operator");
        board.WaitForAssertion(() => Assert.Equal("ready", board.Find("[data-testid=inbox]").GetAttribute("data-state")));
        Assert.Empty(board.FindAll("[data-testid=gate]"));
    }

    [Fact]
    public void When_one_answer_is_missing_the_others_are_shown_and_the_page_says_which()
    {
        _api.Pipeline = Pipelines.Working;
        _api.Refuses = path => path == "/api/storage/";
        var board = Render<OpsBoard>();
        board.WaitForAssertion(() => Assert.Equal("away", State(board)));

        Assert.StartsWith("The API does not answer for storage.", Text(board.Find("[data-testid=api-away]")), StringComparison.Ordinal);
        Assert.Equal("away", board.Find("[data-testid=part][data-name=PostgreSQL]").GetAttribute("data-state"));
        Assert.Equal("ok", board.Find("[data-testid=part][data-name=Processing]").GetAttribute("data-state"));
        Assert.NotEmpty(board.FindAll("[data-testid=partition]"));
    }

    [Fact]
    public void Batches_and_lag_are_told_by_instance_and_partition_the_furthest_behind_first()
    {
        _api.Pipeline = Pipelines.Working;

        var board = RenderReady();

        Assert.Equal(
            ["host/1", "running", "2.5", "4.0 ms", "10 ms", "12 ms", "1 min ago", "3", "2", "since 4 h ago version 1.0.0"],
            board.Find("[data-testid=instance]").Children.Select(Text));
        Assert.Equal(
            [
                "reddit.posts.raw [1] not known – 0.0 0.0 nobody", "reddit.posts.refresh [0] 1 min 3 20.0 19.0 host/1",
                "reddit.posts.raw [0] nothing 0 12.0 11.0 host/1", "reddit.posts.refresh [1] no record yet – 0.0 0.0 host/1",
            ],
            board.FindAll("[data-testid=partition]").Select(Text));
    }

    [Fact]
    public void The_gauge_says_whether_what_Reddit_leaves_is_enough_until_its_window_ends()
    {
        _api.Ingestion = new() { Shards = [Shard(), Shard() with { ShardId = 1, RatelimitRemaining = 30, PausedUntil = Posts.Now.AddSeconds(90) }] };

        var board = RenderReady();

        Assert.Equal(
            [
                "412 left in Reddit's window, enough for full speed, new ones in 5 min",
                "30 left in Reddit's window, less than full speed needs, new ones in 5 min"
            ],
            board.FindAll("[data-testid=gauge-window]").Select(Text));
        Assert.Equal("58 of 60 requests in the last minute", Text(board.Find("[data-testid=gauge-minute]")));
        var meters = board.FindAll("[role=meter]");
        Assert.Equal(["58", "100", "58", "10"], meters.Select(meter => meter.GetAttribute("aria-valuenow")));
        Assert.All(meters, meter => Assert.NotEmpty(meter.GetAttribute("aria-label")!));
        Assert.Equal("Reddit asked for a pause; it goes on in 1 min", Text(board.Find("[data-testid=gauge-paused]")));
    }

    [Fact]
    public void Storage_shows_days_compression_and_what_its_jobs_have_done()
    {
        _api.Storage = _api.Storage with
        {
            Mode = "timescale",
            TimescaleVersion = "2.23.1",
            History = new()
            {
                Bytes = 2_500_000,
                CompressionRatio = 6.42,
                OldestObservationAt = Posts.Now.AddDays(-8),
                NewestObservationAt = Posts.Now.AddSeconds(-3),
                Chunks =
                [
                    new("_hyper_1_9_chunk", Posts.Now.Date.AddDays(0), Posts.Now.Date.AddDays(1), 2_000_000, 12_345, null),
                    new("_hyper_1_1_chunk", Posts.Now.Date.AddDays(-8), Posts.Now.Date.AddDays(-7), 500_000, null, 3_210_000),
                ],
            },
            Jobs =
            [
                new("post_stats", Posts.Now.AddSeconds(-9), Posts.Now.AddSeconds(-8), true, 26, null, Posts.Now.AddSeconds(-8)),
                new("retention", Posts.Now.AddHours(-1), Posts.Now.AddHours(-1), false, 0, "55P03: no lock", null),
            ],
        };

        var board = RenderReady("/ops?view=storage");

        Assert.Contains("TimescaleDB 2.23.1, schema 9: 1.2 MB in all, 2.5 MB of them observations (compressed days 6.4 times smaller)",
            Text(board.Find("[data-testid=storage-summary]")), StringComparison.Ordinal);
        Assert.Equal(
            [$"{Posts.Now:yyyy-MM-dd} ≈ 12.3k 2 MB", $"{Posts.Now.AddDays(-8):yyyy-MM-dd} – 500 kBcompressed from 3.2 MB"],
            board.FindAll("[data-testid=chunk]").Select(Text));
        Assert.Equal(
            ["post_stats 9 s ago done, 26 8 s ago", "retention 1 h ago failed: 55P03: no lock never"],
            board.FindAll("[data-testid=storage-job]").Select(Text));
        Assert.Equal(
            ["1 of 2 jobs failed when they last ran: retention", "Days that are over the retention were last dropped never."],
            board.Find("[data-testid=jobs-summary]").Children.Select(Text));
    }

    [Fact]
    public void While_the_api_is_away_the_last_state_stays_and_the_page_says_so()
    {
        _api.Subreddits = [Subreddit("alpha", "ok")];
        _api.Status = HttpStatusCode.ServiceUnavailable;
        var board = Render<OpsBoard>();
        board.WaitForAssertion(() => Assert.Equal("away", State(board)));
        Assert.NotEmpty(board.FindAll("[data-testid=api-away][role=alert]"));
        Assert.Empty(board.FindAll("[data-testid=subreddits]"));
        Assert.Equal("away", board.Find("[data-testid=part][data-name=API]").GetAttribute("data-state"));

        _api.Status = HttpStatusCode.OK;
        _time.Advance(Interval);
        board.WaitForAssertion(() => Assert.Equal("ready", State(board)));
        Assert.Empty(board.FindAll("[data-testid=api-away]"));

        _api.Status = HttpStatusCode.InternalServerError;
        _time.Advance(Interval);
        board.WaitForAssertion(() => Assert.Equal("away", State(board)));
        Assert.Equal(["alpha"], Names(board));
    }

    [Fact]
    public void Until_the_first_answer_it_is_loading()
    {
        _api.Holds = true;

        Assert.Equal("loading", State(Render<OpsBoard>()));
    }

    [Fact]
    public async Task A_closed_page_asks_no_more()
    {
        var board = RenderReady();
        await board.Instance.DisposeAsync();

        _time.Advance(Interval);

        Assert.Equal(4, _api.Requests);
        _browser.VerifyInvoke("detach");
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _api.Dispose();
    }

    private IRenderedComponent<OpsBoard> RenderReady(string? address = null)
    {
        if (address is not null)
            Services.GetRequiredService<BunitNavigationManager>().NavigateTo(address);
        var board = Render<OpsBoard>();
        board.WaitForAssertion(() => Assert.Equal("ready", State(board)));
        return board;
    }

    private static string State(IRenderedComponent<OpsBoard> board) => board.Find("[data-testid=ops]").GetAttribute("data-state")!;

    private static string[] Names(IRenderedComponent<OpsBoard> board) =>
        [.. board.FindAll("[data-testid=subreddit]").Select(row => row.GetAttribute("data-name")!)];

    private static AngleSharp.Dom.IElement Row(IRenderedComponent<OpsBoard> board, string name) => board.Find($"[data-name={name}]");

    private static string Text(AngleSharp.Dom.IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
