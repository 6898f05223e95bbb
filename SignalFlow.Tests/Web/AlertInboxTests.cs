using System.Net;
using Bunit;
using Bunit.TestDoubles;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

public sealed class AlertInboxTests : AdminContext
{
    private const string Newest = "GET /api/alerts/?state=new&page_size=50";
    private const string Counted = "GET /api/alerts/?state=new&page_size=10";

    private readonly List<AlertView> _alerts = [AlertViews.Alert(2), AlertViews.Alert(1)];
    private readonly List<AlertRuleView> _rules = [AlertViews.Rule(1, "Rockets")];

    public AlertInboxTests()
    {
        Api.On("GET /api/alerts/rules/", ContractsJsonContext.Default.AlertRuleList, () => new([.. _rules]));
        foreach (var request in new[] { Newest, Counted })
            Api.On(request, ContractsJsonContext.Default.AlertPage, () => new() { Results = [.. _alerts.Where(alert => alert.AcknowledgedAt is null)] });
    }

    private int Questions => Api.Requests.Count(request => request.Path.EndsWith("page_size=10", StringComparison.Ordinal));

    [Fact]
    public void The_title_of_a_post_for_adults_is_not_shown()
    {
        _alerts[0] = _alerts[0] with { Post = _alerts[0].Post! with { Over18 = true } };

        Assert.Equal("Adult content", Text(RenderReady().FindAll("[data-testid=alert-link]")[0]));
    }

    [Fact]
    public void An_alert_says_why_and_leads_to_its_post_its_rule_its_subreddit_and_reddit()
    {
        _alerts[0] = _alerts[0] with { Muted = true };
        var item = RenderReady().FindAll("[data-testid=alert]")[0];

        Assert.Equal("A post in r/space matches the query.", Text(item.QuerySelector("[data-testid=alert-reason]")!));
        Assert.Equal("Cats & rockets", Text(item.QuerySelector("[data-testid=alert-link]")!));
        Assert.Equal(
            ["posts/p1", "alerts/rules/1", "subreddits/space", "https://www.reddit.com/r/space/comments/p1/"],
            item.QuerySelectorAll("a").Select(link => link.GetAttribute("href")));
        Assert.Equal("5 min ago", Text(item.QuerySelector("time")!));
        Assert.Equal("2026-03-05T11:55:00Z", item.QuerySelector("time")!.GetAttribute("datetime"));
        Assert.Equal("Muted", Text(item.QuerySelector("[data-testid=muted]")!));
    }

    [Fact]
    public void A_word_leads_to_the_posts_that_have_it_and_a_post_that_is_gone_is_said_to_be()
    {
        _alerts[0] = _alerts[0] with { Kind = "term_burst", Subject = "falcon heavy", Post = null, PostId = null };
        _alerts[1] = _alerts[1] with { Post = null };
        var items = RenderReady().FindAll("[data-testid=alert]");

        Assert.Equal("search?q=%22falcon%20heavy%22", items[0].QuerySelector("[data-testid=alert-link]")!.GetAttribute("href"));
        Assert.Contains("The post was removed since.", Text(items[1]), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_acknowledged_leaves_the_new_ones_and_the_count()
    {
        Api.On("POST /api/alerts/2/acknowledge", HttpStatusCode.OK, """{"acknowledged":1}""");
        var bell = RenderBell("2");
        var inbox = RenderReady();
        _alerts[0] = _alerts[0] with { AcknowledgedAt = Posts.Now };
        inbox.FindAll("[data-testid=acknowledge]")[0].Click();

        inbox.WaitForAssertion(() => Assert.Equal(["1"], inbox.FindAll("[data-testid=alert]").Select(alert => alert.GetAttribute("data-id"))));
        Assert.Equal("One alert is acknowledged.", Text(Part(inbox, "done")));
        bell.WaitForAssertion(() => Assert.Equal("Alerts, 1 new", Part(bell, "alert-bell").GetAttribute("aria-label")));
    }

    [Fact]
    public void All_are_acknowledged_after_a_question()
    {
        Api.On("POST /api/alerts/acknowledge", HttpStatusCode.OK, """{"acknowledged":2}""");
        var inbox = RenderReady();
        Part(inbox, "acknowledge-all").Click();
        Assert.Empty(Api.Changes);
        _alerts.Clear();
        Part(inbox, "confirm-yes").Click();

        inbox.WaitForAssertion(() => Assert.StartsWith("Nothing new.", Text(Part(inbox, "alerts-empty")), StringComparison.Ordinal));
        Assert.Equal("2 alerts are acknowledged.", Text(Part(inbox, "done")));
        Assert.Empty(inbox.FindAll("[data-testid=acknowledge-all]"));
    }

    [Fact]
    public void What_is_wrong_is_said_and_nothing_is_taken_away()
    {
        Api.On("POST /api/alerts/2/acknowledge", HttpStatusCode.TooManyRequests);
        var inbox = RenderReady();
        inbox.FindAll("[data-testid=acknowledge]")[0].Click();

        inbox.WaitForAssertion(() => Assert.StartsWith("Too many requests", Text(Part(inbox, "problem")), StringComparison.Ordinal));
        Assert.Equal(2, inbox.FindAll("[data-testid=alert]").Count);
    }

    [Fact]
    public void Filter_and_page_are_in_the_address()
    {
        Api.On(
            "GET /api/alerts/?rule=1&page_size=50", ContractsJsonContext.Default.AlertPage,
            () => new() { Results = [_alerts[1]], Next = "http://api.internal/api/alerts/?rule=1&cursor=abc&page_size=50" });
        Api.On(
            "GET /api/alerts/?rule=1&cursor=abc&page_size=50", ContractsJsonContext.Default.AlertPage,
            () => new() { Results = [AlertViews.Alert(9)], Previous = "/api/alerts/?cursor=def" });
        var inbox = RenderReady();
        var addresses = Services.GetRequiredService<BunitNavigationManager>();
        Part(inbox, "alerts-rule").Change("1");
        Assert.EndsWith("/alerts?rule=1", addresses.Uri, StringComparison.Ordinal);

        addresses.NavigateTo("/alerts?state=all&rule=1");
        inbox.WaitForAssertion(() => Assert.Equal("/alerts?state=all&rule=1&cursor=abc", Part(inbox, "older").GetAttribute("href")));
        Assert.Empty(inbox.FindAll("[data-testid=newer]"));
        addresses.NavigateTo("/alerts?state=all&rule=1&cursor=abc");
        inbox.WaitForAssertion(() => Assert.Equal("/alerts?state=all&rule=1&cursor=def", Part(inbox, "newer").GetAttribute("href")));
        Assert.Equal("9", inbox.FindAll("[data-testid=alert]").Single().GetAttribute("data-id"));
    }

    [Fact]
    public void Who_has_no_rule_is_led_to_one()
    {
        _alerts.Clear();
        _rules.Clear();
        var empty = Part(RenderReady(), "alerts-empty");
        Assert.StartsWith("You have no rule yet.", Text(empty), StringComparison.Ordinal);
        Assert.Equal("alerts/rules/new", empty.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void Without_an_answer_it_says_so_and_asks_again()
    {
        Api.IsAway = true;
        var inbox = Render<AlertInbox>();
        inbox.WaitForAssertion(() => Assert.Equal("problem", Part(inbox, "alerts").GetAttribute("data-state")));
        Api.IsAway = false;
        Part(inbox, "retry").Click();
        inbox.WaitForAssertion(() => Assert.Equal(2, inbox.FindAll("[data-testid=alert]").Count));
    }

    [Fact]
    public void The_count_is_asked_for_once_a_minute_wherever_one_goes()
    {
        _alerts.AddRange(Enumerable.Range(3, 8).Select(id => AlertViews.Alert(id)));
        var bell = RenderBell("9+");
        Assert.Equal("Alerts, more than 9 new", Part(bell, "alert-bell").GetAttribute("aria-label"));
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("/trending");
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, Questions);

        _alerts.Clear();
        Time.Advance(TimeSpan.FromSeconds(1));
        bell.WaitForAssertion(() => Assert.Empty(bell.FindAll("[data-testid=alert-count]")));
        Assert.Equal(2, Questions);
    }

    [Fact]
    public void What_comes_while_one_looks_is_in_the_list_a_minute_later()
    {
        var bell = RenderBell("2");
        var inbox = RenderReady();
        _alerts.Insert(0, AlertViews.Alert(3));
        Time.Advance(NewAlerts.Rest);

        inbox.WaitForAssertion(() => Assert.Equal(3, inbox.FindAll("[data-testid=alert]").Count));
        Assert.Equal("3", Text(Part(bell, "alert-count")));
    }

    [Fact]
    public void A_count_that_cannot_be_had_is_not_shown()
    {
        Api.On(Counted, HttpStatusCode.Forbidden);
        var bell = Render<AlertBell>();
        bell.WaitForAssertion(() => Assert.Equal(1, Questions));
        Assert.Equal("Alerts", Part(bell, "alert-bell").GetAttribute("aria-label"));
    }

    private IRenderedComponent<AlertBell> RenderBell(string count)
    {
        var bell = Render<AlertBell>();
        bell.WaitForAssertion(() => Assert.Equal(count, Text(Part(bell, "alert-count"))));
        return bell;
    }

    private IRenderedComponent<AlertInbox> RenderReady()
    {
        var inbox = Render<AlertInbox>();
        inbox.WaitForAssertion(() => Assert.Equal("ready", Part(inbox, "alerts").GetAttribute("data-state")));
        return inbox;
    }
}
