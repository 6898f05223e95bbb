using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Tests.Web;

public sealed class SetupGuideTests : AdminContext
{
    private readonly List<SubredditStatusView> _subreddits = [];
    private readonly List<PostView> _posts = [];
    private AccessState _access = new(true, true);
    private IngestionView _ingestion = new() { Shards = [] };

    public SetupGuideTests()
    {
        var json = ContractsJsonContext.Default;
        Api.On("GET /api/access/", json.AccessState, () => _access);
        Api.On("GET /api/ingestion/", json.IngestionView, () => _ingestion);
        Api.On("GET /api/ingestion/subreddits/", json.SubredditStatusList, () => new() { Results = [.. _subreddits] });
        Api.On("GET /api/posts/?page_size=1", json.PostPage, () => new() { Results = [.. _posts] });
    }

    [Fact]
    public void Step_by_step_everything_that_is_missing_is_said_and_seen_when_it_is_there()
    {
        _access = new(true, false);
        var guide = RenderGuide(isAdmin: false);
        Assert.Equal(["administrator todo", "ingestion todo", "subreddits todo", "posts waiting"], States(guide));
        Assert.Contains("/api/setup/?token=", guide.Markup, StringComparison.Ordinal);
        Assert.Contains("Reddit:ClientSecret", guide.Markup, StringComparison.Ordinal);
        Assert.Empty(guide.FindAll("[data-testid=starter]"));

        _access = new(true, true);
        _ingestion = new() { Shards = [Shard(5)] };
        _subreddits.Add(Subreddit("ok"));
        _posts.Add(Posts.Post(1) with { LastPolledAt = Posts.Now });
        guide.WaitForAssertion(() =>
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal("All is set up.", Text(Part(guide, "done")));
        });
        Assert.All(States(guide), state => Assert.EndsWith(" done", state, StringComparison.Ordinal));
        Assert.All(guide.FindAll("[data-testid=step]"), step => Assert.Contains("Done.", step.TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void What_has_stopped_working_is_a_problem()
    {
        _ingestion = new() { Shards = [Shard(300)] };
        _subreddits.Add(Subreddit("ok"));
        _posts.Add(Posts.Post(1) with { LastPolledAt = Posts.Now.AddHours(-2) });
        var guide = RenderGuide(isAdmin: false);

        Assert.Equal(["administrator done", "ingestion problem", "subreddits done", "posts problem"], States(guide));
        Assert.Contains("It has been silent for 5 min.", guide.Markup, StringComparison.Ordinal);
        Assert.Contains("The newest was last looked at 2 h ago.", guide.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_that_reddit_refuses_are_said_with_the_keys_to_mend()
    {
        _ingestion = new() { Shards = [Shard(5)] };
        _subreddits.Add(Subreddit("unauthorized"));
        var guide = RenderGuide(isAdmin: false);

        Assert.Contains("Reddit refuses its credentials", guide.Markup, StringComparison.Ordinal);
        Assert.Contains("Reddit:ClientId", guide.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void An_administrator_adds_the_starter_set_where_there_is_none()
    {
        _ingestion = new() { Shards = [Shard(5)] };
        Api.On("GET /api/admin/subreddits/?page_size=500", ContractsJsonContext.Default.ConfiguredSubredditPage, () => new() { Results = [] });
        Api.On("POST /api/admin/subreddits/", ContractsJsonContext.Default.ConfiguredSubreddit, () =>
        {
            _subreddits.Add(Subreddit("pending"));
            return new()
            {
                Name = "x",
                Tier = "medium",
                Active = true,
                AddedBy = "ana",
                CreatedAt = Posts.Now,
                UpdatedAt = Posts.Now,
                Version = "1",
                Polling = new() { Status = "pending", Gaps = 0 },
            };
        });
        var guide = RenderGuide(isAdmin: true);
        Part(guide, "starter").Click();

        guide.WaitForAssertion(() => Assert.Equal("12 subreddits are added. Ingestion takes them up within a minute.", Text(Part(guide, "done"))));
        Assert.Equal(12, Api.Changes.Select(change => change.Body).Distinct().Count());
        Assert.Contains("subreddits done", States(guide));
    }

    [Fact]
    public void Who_may_not_read_sees_whether_there_is_an_administrator()
    {
        _access = new(false, false);
        var guide = Render<SetupGuide>(parameters => parameters.Add(island => island.IsAdmin, false).Add(island => island.OnlyAccess, true));

        guide.WaitForAssertion(() => Assert.Equal(["administrator todo"], States(guide)));
        Assert.Contains("Sign in", Text(Part(guide, "setup-more")), StringComparison.Ordinal);
        Assert.All(Api.Requests, request => Assert.Equal("/api/access/", request.Path));
    }

    private IRenderedComponent<SetupGuide> RenderGuide(bool isAdmin)
    {
        var guide = Render<SetupGuide>(parameters => parameters.Add(island => island.IsAdmin, isAdmin));
        guide.WaitForAssertion(() => Assert.NotEqual("loading", Part(guide, "setup").GetAttribute("data-state")));
        return guide;
    }

    private static IEnumerable<string> States(IRenderedComponent<SetupGuide> guide) =>
        guide.FindAll("[data-testid=step]").Select(step => $"{step.GetAttribute("data-name")} {step.GetAttribute("data-state")}");

    private static IngestionShardView Shard(double age) => new()
    {
        ShardId = 0,
        ShardCount = 1,
        Instance = "host/1",
        AcquiredAt = Posts.Now,
        HeartbeatAt = Posts.Now.AddSeconds(-age),
        HeartbeatAgeSeconds = age,
    };

    private static SubredditStatusView Subreddit(string status) => new() { Name = "technology", Tier = "fast", IsActive = true, Status = status, Gaps = 0 };
}
