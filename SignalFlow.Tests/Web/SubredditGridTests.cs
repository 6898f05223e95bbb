using System.Net;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Tests.Web;

public sealed class SubredditGridTests : AdminContext
{
    private readonly List<ConfiguredSubreddit> _rows = [Row("alpha"), Row("Beta", tier: "fast", interval: 60), Row("gamma", posts: 12.34)];

    public SubredditGridTests() => Api.On(
        "GET /api/admin/subreddits/?page_size=500", ContractsJsonContext.Default.ConfiguredSubredditPage, () => new() { Results = [.. _rows] });

    [Fact]
    public void Enter_saves_tier_and_interval_of_the_version_that_was_seen()
    {
        Api.On(
            "PATCH /api/admin/subreddits/alpha/", ContractsJsonContext.Default.ConfiguredSubreddit,
            () => _rows[0] = Row("alpha", tier: "slow", interval: 120));
        var grid = RenderReady();
        Edit(grid, "alpha");
        Part(grid, "edit-tier-field").Change("slow");
        Part(grid, "edit-interval-field").Input("120");

        Part(grid, "edit-interval-field").KeyDown("Enter");

        grid.WaitForAssertion(() => Assert.Equal("120 s", Text(Cell(grid, "alpha", "interval"))));
        var change = Assert.Single(Api.Changes);
        Assert.Equal("\"1\"", change.Version);
        Assert.Equal("access", change.Token);
        Assert.Contains("\"tier\":\"slow\",\"interval_seconds\":120", change.Body, StringComparison.Ordinal);
        Assert.StartsWith("r/alpha is changed.", Text(Part(grid, "toast")), StringComparison.Ordinal);
        Assert.Empty(grid.FindAll("[data-testid=edit-interval-field]"));
    }

    [Fact]
    public void An_empty_interval_asks_for_that_of_the_tier()
    {
        Api.On("PATCH /api/admin/subreddits/Beta/", ContractsJsonContext.Default.ConfiguredSubreddit, () => _rows[1]);
        var grid = RenderReady();
        Edit(grid, "Beta");
        Part(grid, "edit-interval-field").Input("");
        Part(grid, "save").Click();

        grid.WaitForAssertion(() => Assert.Single(Api.Changes));
        Assert.Contains("\"interval_seconds\":null", Api.Changes[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Escape_leaves_everything_as_it_was()
    {
        var grid = RenderReady();
        Edit(grid, "Beta");
        Part(grid, "edit-interval-field").Input("5");
        Part(grid, "edit-interval-field").KeyDown("Escape");

        Assert.Equal("60 s", Text(Cell(grid, "Beta", "interval")));
        Assert.Empty(Api.Changes);
    }

    [Fact]
    public void What_the_api_refuses_is_said_beside_the_field_and_can_be_mended()
    {
        Api.Refuse("PATCH /api/admin/subreddits/alpha/", "interval_seconds", "interval_seconds must be a whole number from 10.");
        var grid = RenderReady();
        Edit(grid, "alpha");
        Part(grid, "edit-interval-field").Input("5");
        Part(grid, "save").Click();

        grid.WaitForAssertion(() => Assert.Equal("interval_seconds must be a whole number from 10.", Text(Part(grid, "edit-interval"))));
        var field = Part(grid, "edit-interval-field");
        Assert.Equal("true", field.GetAttribute("aria-invalid"));
        Assert.Equal("edit-interval", field.GetAttribute("aria-describedby"));
        Assert.Equal("5", field.GetAttribute("value"));
        Assert.Empty(grid.FindAll("[data-testid=problem]"));
    }

    [Fact]
    public void An_interval_that_is_no_number_does_not_go_to_the_api()
    {
        var grid = RenderReady();
        Edit(grid, "alpha");
        Part(grid, "edit-interval-field").Input("soon");
        Part(grid, "save").Click();

        Assert.Contains("whole number", Text(Part(grid, "edit-interval")), StringComparison.Ordinal);
        Assert.Empty(Api.Changes);
    }

    [Fact]
    public void Somebody_elses_change_is_not_written_over()
    {
        Api.On(
            "PATCH /api/admin/subreddits/alpha/", HttpStatusCode.PreconditionFailed,
            """{"title":"Somebody has changed it meanwhile.","detail":"Read it again, and decide again."}""");
        var grid = RenderReady();
        Edit(grid, "alpha");
        Part(grid, "save").Click();

        grid.WaitForAssertion(() => Assert.Contains("Read it again", Text(Part(grid, "problem")), StringComparison.Ordinal));
        Assert.NotEmpty(grid.FindAll("[data-testid=edit-interval-field]"));
    }

    [Fact]
    public void Deleting_asks_first_and_can_be_undone()
    {
        Api.On("DELETE /api/admin/subreddits/Beta/", HttpStatusCode.NoContent);
        Api.On("POST /api/admin/subreddits/", ContractsJsonContext.Default.ConfiguredSubreddit, () => Row("Beta"));
        var grid = RenderReady();
        Find(grid, "Beta", "delete").Click();
        Part(grid, "confirm-no").Click();
        Assert.Empty(Api.Changes);

        Find(grid, "Beta", "delete").Click();
        Part(grid, "confirm-yes").Click();
        grid.WaitForAssertion(() => Assert.StartsWith("r/Beta is deleted; posts stay.", Text(Part(grid, "toast")), StringComparison.Ordinal));
        Assert.Equal("\"1\"", Assert.Single(Api.Changes).Version);

        Part(grid, "undo").Click();
        grid.WaitForAssertion(() => Assert.StartsWith("r/Beta is added again.", Text(Part(grid, "toast")), StringComparison.Ordinal));
        Assert.Contains("\"name\":\"Beta\",\"tier\":\"fast\",\"interval_seconds\":60,\"active\":true", Api.Changes[1].Body, StringComparison.Ordinal);
        Assert.Empty(grid.FindAll("[data-testid=undo]"));
    }

    [Fact]
    public void Of_many_those_that_can_be_are_changed_and_the_others_are_named()
    {
        Api.On(
            "POST /api/admin/subreddits/alpha/pause", ContractsJsonContext.Default.ConfiguredSubreddit,
            () => _rows[0] = Row("alpha") with { Active = false });
        var grid = RenderReady();
        Part(grid, "select-all").Change(true);
        _rows.RemoveAt(2);
        Api.On("POST /api/admin/subreddits/Beta/pause", ContractsJsonContext.Default.ConfiguredSubreddit, () => _rows[1] = Row("Beta") with { Active = false });
        Part(grid, "bulk-pause").Click();

        grid.WaitForAssertion(() => Assert.Contains("r/gamma: There is nothing at this address.", Text(Part(grid, "problem")), StringComparison.Ordinal));
        Assert.StartsWith("2 subreddits are paused.", Text(Part(grid, "toast")), StringComparison.Ordinal);
        Assert.Equal("2 selected", Text(Part(grid, "bulk").QuerySelector("b")!));
    }

    [Fact]
    public void A_second_click_does_nothing_while_the_first_is_under_way()
    {
        Api.Holds = new();
        Api.On(
            "POST /api/admin/subreddits/alpha/pause", ContractsJsonContext.Default.ConfiguredSubreddit,
            () => _rows[0] = Row("alpha") with { Active = false });
        var grid = RenderReady();
        var first = grid.InvokeAsync(() => Find(grid, "alpha", "toggle").Click());
        grid.WaitForAssertion(() => Assert.Single(Api.Changes));
        Assert.True(Find(grid, "alpha", "toggle").HasAttribute("disabled"));
        Find(grid, "Beta", "toggle").Click();
        Api.Holds.SetResult();

        grid.WaitForAssertion(() => Assert.StartsWith("r/alpha is paused.", Text(Part(grid, "toast")), StringComparison.Ordinal));
        Assert.Single(Api.Changes);
        Assert.True(first.IsCompleted);
    }

    [Fact]
    public void Adding_takes_the_name_as_it_is_copied_and_says_when_it_is_taken_up()
    {
        Api.On("POST /api/admin/subreddits/", ContractsJsonContext.Default.ConfiguredSubreddit, () =>
        {
            _rows.Add(Row("rust", status: "pending"));
            return _rows[^1];
        });
        var grid = RenderReady();
        Part(grid, "add-name-field").Input("/r/rust/");
        Part(grid, "add-form").Submit();
        grid.WaitForAssertion(() => Assert.Contains("r/rust is added.", Text(Part(grid, "toast")), StringComparison.Ordinal));
        Assert.Contains("\"name\":\"rust\",\"tier\":\"medium\",\"interval_seconds\":null", Api.Changes[0].Body, StringComparison.Ordinal);
        Assert.Equal("", Part(grid, "add-name-field").GetAttribute("value") ?? "");

        _rows[^1] = Row("rust", status: "private");
        grid.WaitForAssertion(() =>
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Contains("r/rust is taken up: private: only its members can read it.", Text(Part(grid, "toast")), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_name_that_is_taken_is_said_beside_the_name()
    {
        Api.On(
            "POST /api/admin/subreddits/", HttpStatusCode.Conflict,
            """{"title":"The name is taken.","errors":{"name":["The subreddit is there already."]}}""");
        var grid = RenderReady();
        Part(grid, "add-name-field").Input("alpha");
        Part(grid, "add-form").Submit();

        grid.WaitForAssertion(() => Assert.Equal("The subreddit is there already.", Text(Part(grid, "add-name"))));
        Assert.Equal("alpha", Part(grid, "add-name-field").GetAttribute("value"));
        Assert.False(Part(grid, "add").HasAttribute("disabled"));
        Assert.Empty(grid.FindAll("[data-testid=problem]"));
    }

    [Fact]
    public void Filter_and_order_are_in_the_address()
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("/admin/subreddits?q=a&sort=posts&dir=desc");
        var grid = RenderReady();

        Assert.Equal(["gamma", "alpha", "Beta"], Names(grid));
        Assert.Equal("descending", grid.Find("th[aria-sort]").GetAttribute("aria-sort"));
        Assert.Equal("/admin/subreddits?q=a&sort=posts", grid.Find("th[aria-sort] a").GetAttribute("href"));
        // Another column begins with its least, whichever way this one goes.
        Assert.Equal(new GridView("a", "tier", false), new GridView("a", "posts", true).By("tier"));
        Assert.Equal(new GridView("a", "tier", false), new GridView("a", "posts", false).By("tier"));
        Part(grid, "filter").Input("ALPH");
        Assert.Equal(["alpha"], Names(grid));
        Part(grid, "filter").Change("ALPH");
        Assert.EndsWith("/admin/subreddits?q=ALPH&sort=posts&dir=desc", Services.GetRequiredService<BunitNavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_look_and_change_nothing()
    {
        var grid = RenderReady(mayChange: false);

        Assert.Equal(3, Names(grid).Length);
        Assert.Empty(grid.FindAll("button, form, input[type=checkbox]"));
    }

    [Fact]
    public async Task A_sign_in_that_has_ended_leads_to_a_new_one_and_not_to_a_crash()
    {
        var grid = RenderReady();
        await EndSessionAsync();
        // Without a session the page has the UI's own key, which may not.
        Api.On("POST /api/admin/subreddits/alpha/pause", HttpStatusCode.Forbidden, """{"detail":"This needs the role admin."}""");
        Find(grid, "alpha", "toggle").Click();

        grid.WaitForAssertion(() => Assert.Equal("signedout", Part(grid, "problem").GetAttribute("data-kind")));
        Assert.Equal("/sign-in?return=%2F", Part(grid, "problem").QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal(3, Names(grid).Length);
    }

    [Fact]
    public void While_the_api_is_away_the_page_says_so_and_asks_again_when_told()
    {
        Api.IsAway = true;
        var grid = Render<SubredditGrid>(parameters => parameters.Add(island => island.MayChange, true));
        grid.WaitForAssertion(() => Assert.Equal("away", Part(grid, "problem").GetAttribute("data-kind")));

        Api.IsAway = false;
        Part(grid, "retry").Click();
        grid.WaitForAssertion(() => Assert.Equal(3, Names(grid).Length));
        Assert.Empty(grid.FindAll("[data-testid=problem]"));
    }

    private IRenderedComponent<SubredditGrid> RenderReady(bool mayChange = true)
    {
        var grid = Render<SubredditGrid>(parameters => parameters.Add(island => island.MayChange, mayChange));
        grid.WaitForAssertion(() => Assert.Equal("ready", Part(grid, "grid").GetAttribute("data-state")));
        return grid;
    }

    private static void Edit(IRenderedComponent<SubredditGrid> grid, string name) => Find(grid, name, "edit").Click();

    private static IElement Find(IRenderedComponent<SubredditGrid> grid, string name, string id) => grid.Find($"[data-name={name}] [data-testid={id}]");

    private static IElement Cell(IRenderedComponent<SubredditGrid> grid, string name, string id) => Find(grid, name, id);

    private static string[] Names(IRenderedComponent<SubredditGrid> grid) =>
        [.. grid.FindAll("[data-testid=configured]").Select(row => row.GetAttribute("data-name")!)];

    private static ConfiguredSubreddit Row(string name, string tier = "medium", int? interval = null, string status = "ok", double? posts = 1) => new()
    {
        Name = name,
        Tier = name == "Beta" ? "fast" : tier,
        IntervalSeconds = interval,
        Active = true,
        AddedBy = "default",
        CreatedAt = Posts.Now.AddDays(-2),
        UpdatedAt = Posts.Now.AddDays(-1),
        Version = "1",
        Polling = new() { Status = status, LastPollAt = Posts.Now.AddMinutes(-1), PostsPerHour = posts, Gaps = 0 },
    };
}
