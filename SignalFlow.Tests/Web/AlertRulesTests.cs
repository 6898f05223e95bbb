using System.Net;
using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

public sealed class AlertRulesTests : AdminContext
{
    private readonly List<AlertRuleView> _rules = [];

    public AlertRulesTests()
    {
        Api.On("GET /api/alerts/rules/", ContractsJsonContext.Default.AlertRuleList, () => new([.. _rules]));
        Api.On("GET /api/alerts/channels/", ContractsJsonContext.Default.AlertChannelList, () => new([AlertViews.Channel(7, "My program")]));
    }

    [Fact]
    public void A_rule_says_what_it_looks_for_how_it_gets_on_and_where_it_sends()
    {
        _rules.Add(AlertViews.Rule(1, "Rockets", new() { Kind = "surge", Subreddits = ["space", "nasa"], Sensitivity = "high", Channels = [7] }) with
        {
            Error = "The statement took too long.",
            Suppressed = 1_234,
        });
        var rule = Part(RenderReady(), "rule");

        Assert.Equal("Posts that surge: in r/space, r/nasa; sensitivity high", Text(rule.QuerySelector(".alert-reason")!));
        Assert.Equal("The statement took too long.", Text(rule.QuerySelector("[data-testid=rule-error]")!));
        Assert.Equal(
            ["Fails", "looked 1 min ago", "sent to My program", "1,234 too many, not made", "its alerts"],
            rule.QuerySelector(".ranking-meta")!.Children.Select(Text));
    }

    [Theory]
    [InlineData("mute-1h", "2026-03-05T13:00:00+00:00", "Muted, ends in 1 h")]
    [InlineData("mute-8h", "2026-03-05T20:00:00+00:00", "Muted, ends in 8 h")]
    [InlineData("mute-1d", "2026-03-06T12:00:00+00:00", "Muted, ends in 1 d")]
    [InlineData("mute-ever", "2999-12-31T00:00:00+00:00", "Muted")]
    public void A_rule_is_muted_for_as_long_as_is_chosen(string choice, string until, string words)
    {
        _rules.Add(AlertViews.Rule(1, "Rockets"));
        OnChange("POST /api/alerts/rules/1/mute", rule =>
            rule with { MutedUntil = DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture) });
        var rules = RenderReady();
        Part(rules, "mute").Click();
        Part(rules, choice).Click();

        rules.WaitForAssertion(() => Assert.Equal(words, Text(Part(rules, "rule-muted")).Replace('\u00a0', ' ')));
        Assert.Equal($$"""{"until":"{{until}}"}""", Assert.Single(Api.Changes).Body);
    }

    [Fact]
    public void A_muted_rule_is_unmuted()
    {
        _rules.Add(AlertViews.Rule(1, "Rockets", new() { Kind = "anomaly", MutedUntil = RuleWords.NeverMind }));
        OnChange("POST /api/alerts/rules/1/mute", rule => rule with { MutedUntil = null });
        var rules = RenderReady();
        Part(rules, "unmute").Click();

        rules.WaitForAssertion(() => Assert.Equal("“Rockets” is not muted any more.", Text(Part(rules, "done"))));
        Assert.Equal("""{"until":null}""", Assert.Single(Api.Changes).Body);
        Assert.NotEmpty(rules.FindAll("[data-testid=mute]"));
    }

    [Fact]
    public void Resting_keeps_everything_else_and_is_based_on_what_was_seen()
    {
        _rules.Add(AlertViews.Rule(1, "Rockets"));
        OnChange("PUT /api/alerts/rules/1/", rule => rule with { Active = false });
        var rules = RenderReady();
        Part(rules, "rule-toggle").Click();

        rules.WaitForAssertion(() => Assert.Equal("rests", Part(rules, "rule").GetAttribute("data-state")));
        var change = Assert.Single(Api.Changes);
        Assert.Equal("\"3\"", change.Version);
        Assert.Contains("\"query\":\"rocket -model\"", change.Body, StringComparison.Ordinal);
        Assert.EndsWith("\"active\":false}", change.Body, StringComparison.Ordinal);
        Assert.Equal("Resume", Text(Part(rules, "rule-toggle")));
    }

    [Fact]
    public void What_was_changed_elsewhere_is_not_written_over_and_is_shown()
    {
        _rules.Add(AlertViews.Rule(1, "Rockets"));
        Api.On("PUT /api/alerts/rules/1/", HttpStatusCode.PreconditionFailed, """{"detail":"Read it again, and decide again."}""");
        var rules = RenderReady();
        _rules[0] = AlertViews.Rule(1, "Rockets and boats");
        Part(rules, "rule-toggle").Click();

        rules.WaitForAssertion(() => Assert.Equal("Rockets and boats", Part(rules, "rule").GetAttribute("data-name")));
        Assert.Contains("Read it again", Text(Part(rules, "problem")), StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_asks_first()
    {
        _rules.Add(AlertViews.Rule(1, "Rockets"));
        Api.On("DELETE /api/alerts/rules/1/", HttpStatusCode.NoContent);
        var rules = RenderReady();
        Part(rules, "rule-delete").Click();
        Assert.Empty(Api.Changes);
        _rules.Clear();
        Part(rules, "confirm-yes").Click();

        rules.WaitForAssertion(() => Assert.StartsWith("You have no rule yet.", Text(Part(rules, "rules-empty")), StringComparison.Ordinal));
        Assert.Equal("\"3\"", Assert.Single(Api.Changes).Version);
    }

    private void OnChange(string request, Func<AlertRuleDefinition, AlertRuleDefinition> change) =>
        Api.On(request, ContractsJsonContext.Default.AlertRuleView, () => _rules[0] = _rules[0] with { Rule = change(_rules[0].Rule) });

    private IRenderedComponent<RuleTable> RenderReady()
    {
        var rules = Render<RuleTable>();
        rules.WaitForAssertion(() => Assert.Equal("ready", Part(rules, "rules").GetAttribute("data-state")));
        return rules;
    }
}
