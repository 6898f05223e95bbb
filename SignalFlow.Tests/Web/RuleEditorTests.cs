using System.Net;
using Bunit;
using Bunit.TestDoubles;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

public sealed class RuleEditorTests : AdminContext
{
    private readonly List<AlertChannelView> _channels = [AlertViews.Channel(7, "My program"), AlertViews.Channel(8, "Team", "slack")];

    private readonly JSRuntimeInvocationHandler _sought;

    public RuleEditorTests()
    {
        Api.On("GET /api/alerts/channels/", ContractsJsonContext.Default.AlertChannelList, () => new([.. _channels]));
        _sought = Browser.SetupVoid("seekProblem", _ => true).SetVoidResult();
    }

    private BunitNavigationManager Addresses => Services.GetRequiredService<BunitNavigationManager>();

    [Fact]
    public void A_rule_begins_with_what_the_address_says_and_is_saved_with_what_was_typed()
    {
        Api.On("POST /api/alerts/rules/", ContractsJsonContext.Default.AlertRuleView, () => AlertViews.Rule(1, "Rockets"));
        var editor = RenderNew(new("query", "Rockets", "rocket", null, "space"));
        Assert.Equal("rocket", Part(editor, "rule-query-field").GetAttribute("value"));
        Part(editor, "rule-subreddits-field").Input("r/space, /r/nasa/ SpaceX");
        Part(editor, "channel-8").Change(true);
        Part(editor, "rule-digest-field").Input("30");
        Part(editor, "rule-form").Submit();

        editor.WaitForAssertion(() => Assert.EndsWith("/alerts/rules", Addresses.Uri, StringComparison.Ordinal));
        Assert.Equal(
            """
            {"name":"Rockets","kind":"query","query":"rocket","authors":null,"subreddits":["space","nasa","SpaceX"],"sensitivity":null,"min_strength":null,"channels":[8],"dedupe_minutes":60,"digest_minutes":30,"quiet_hours":null,"muted_until":null,"active":true}
            """,
            Assert.Single(Api.Changes).Body);
    }

    [Fact]
    public void Only_fields_that_fit_the_kind_are_shown_and_sent()
    {
        Api.On("POST /api/alerts/rules/", ContractsJsonContext.Default.AlertRuleView, () => AlertViews.Rule(1, "Ana"));
        var editor = RenderNew(new("surge", "Ana", "rocket"));
        Assert.NotEmpty(editor.FindAll("[data-testid=sensitivity-high]"));
        Assert.Empty(editor.FindAll("[data-testid=rule-authors-field]"));
        Part(editor, "rule-strength-field").Input("7.5");

        Part(editor, "rule-kind-field").Change("author");
        Assert.Empty(editor.FindAll(
            "[data-testid=rule-query-field], [data-testid=query-help], [data-testid=sensitivity-high], [data-testid=rule-strength-field]"));
        Assert.Equal("Fires on each new post of one of the authors.", Text(Part(editor, "rule-explanation")));
        Part(editor, "rule-authors-field").Input("u/ana bob");
        Part(editor, "rule-form").Submit();

        editor.WaitForAssertion(() => Assert.Contains(
            "\"kind\":\"author\",\"query\":null,\"authors\":[\"ana\",\"bob\"],\"subreddits\":[],\"sensitivity\":null,\"min_strength\":null",
            Assert.Single(Api.Changes).Body,
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_is_tried_before_it_is_saved()
    {
        OnPreview(Preview(3));
        var editor = RenderNew(new("surge"));
        Part(editor, "try").Click();

        editor.WaitForAssertion(() => Assert.Equal("It would have fired 3 times in the last 7 days.", Text(Part(editor, "preview-summary"))));
        Assert.Equal(
            ["about one in 7 days", "about 2.5 a day", "about 12 a day"],
            RuleWords.Sensitivities.Select(sensitivity => Text(Part(editor, $"expected-{sensitivity}"))));
        var match = Part(editor, "preview-match");
        Assert.Equal("Cats & rockets (in a new tab)", Text(match.QuerySelector("a")!));
        Assert.Equal(["1 d ago", "r/space", "6.3 times the typical"], match.QuerySelector(".ranking-meta")!.Children.Select(Text));
        Assert.DoesNotContain("\"name\":\"", Assert.Single(Api.Changes).Body, StringComparison.Ordinal);

        // What each sensitivity makes is known by now; what this one has found is not.
        Part(editor, "sensitivity-high").Change("high");
        Assert.NotEmpty(editor.FindAll("[data-testid=preview-old]"));
        Assert.Equal("about 12 a day", Text(Part(editor, "expected-high")));
        Part(editor, "rule-subreddits-field").Input("space");
        Assert.Equal("", Text(Part(editor, "expected-high")));
    }

    [Fact]
    public void Of_a_kind_without_strength_the_expected_number_is_told_once()
    {
        OnPreview(Preview(20) with { Truncated = true });
        var editor = RenderNew(new("query", null, "rocket"));
        Part(editor, "try").Click();

        editor.WaitForAssertion(() => Assert.Equal("Expect about one in 7 days.", Text(Part(editor, "preview-per-day"))));
        Assert.Contains("so these numbers are the least.", Text(Part(editor, "preview")), StringComparison.Ordinal);
        Assert.Contains("The newest 1 of 20.", Text(Part(editor, "preview")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_takes_too_long_to_try_says_so()
    {
        Api.On(
            "POST /api/alerts/rules/preview", HttpStatusCode.UnprocessableEntity,
            """{"title":"Trying the rule took too long.","detail":"Make the query narrower, or name subreddits."}""");
        var editor = RenderNew(new("surge"));
        Part(editor, "try").Click();
        editor.WaitForAssertion(() => Assert.Equal("Make the query narrower, or name subreddits.", Text(Part(editor, "problem"))));
    }

    [Theory]
    [InlineData("name", "rule-name", "rule-name-field")]
    [InlineData("kind", "rule-kind", "rule-kind-field")]
    [InlineData("query", "rule-query", "rule-query-field")]
    [InlineData("subreddits", "rule-subreddits", "rule-subreddits-field")]
    [InlineData("min_strength", "rule-strength", "rule-strength-field")]
    [InlineData("dedupe_minutes", "rule-dedupe", "rule-dedupe-field")]
    [InlineData("digest_minutes", "rule-digest", "rule-digest-field")]
    [InlineData("sensitivity", "rule-sensitivity", null)]
    [InlineData("channels", "rule-channels", null)]
    public void What_the_api_refuses_is_said_at_the_field_that_it_names(string field, string problem, string? input)
    {
        Api.Refuse("POST /api/alerts/rules/", field, "Character 7: The parenthesis is not closed.");
        var editor = RenderNew(new("surge", "x"));
        Part(editor, "rule-form").Submit();

        editor.WaitForAssertion(() => Assert.Equal("Character 7: The parenthesis is not closed.", Text(Part(editor, problem))));
        Assert.Empty(editor.FindAll("[data-testid=problem]"));
        Assert.Single(_sought.Invocations);
        if (input is null)
            return;
        Assert.Equal("true", Part(editor, input).GetAttribute("aria-invalid"));
        Assert.Contains(problem, Part(editor, input).GetAttribute("aria-describedby")!.Split(' '));
    }

    [Theory]
    [InlineData("rule-dedupe-field", "rule-dedupe")]
    [InlineData("rule-digest-field", "rule-digest")]
    [InlineData("rule-strength-field", "rule-strength")]
    public void What_is_no_number_does_not_go_to_the_api(string input, string problem)
    {
        var editor = RenderNew(new("surge", "x"));
        Part(editor, input).Input("often");
        Part(editor, "rule-form").Submit();

        Assert.Contains("number", Text(Part(editor, problem)), StringComparison.Ordinal);
        Assert.Single(_sought.Invocations);
        Assert.Empty(Api.Changes);
    }

    [Fact]
    public void Quiet_hours_begin_in_the_time_zone_of_the_browser()
    {
        Browser.Setup<string>("timeZone").SetResult("Europe/Berlin");
        Api.On("POST /api/alerts/rules/", HttpStatusCode.BadRequest, """{"errors":{"quiet_hours":["quiet_hours must have from and to."]}}""");
        var editor = RenderNew(new("surge", "x"));
        Part(editor, "quiet").Change(true);
        editor.WaitForAssertion(() => Assert.Equal("Europe/Berlin", Part(editor, "quiet-zone").GetAttribute("value")));
        Part(editor, "quiet-from").Change("23:30:00");
        Part(editor, "rule-form").Submit();

        editor.WaitForAssertion(() => Assert.Equal("quiet_hours must have from and to.", Text(Part(editor, "rule-quiet"))));
        Assert.Contains("""{"from":"23:30","to":"07:00","time_zone":"Europe/Berlin"}""", Assert.Single(Api.Changes).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_present_rule_is_changed_from_what_was_seen_and_keeps_what_is_not_in_the_form()
    {
        var until = Posts.Now.AddHours(2);
        OnRule(new()
        {
            Kind = "surge", Query = "rocket", Sensitivity = "high", MinStrength = 4.5, Channels = [7, 99],
            MutedUntil = until, QuietHours = new("22:00", "07:00", "Asia/Tokyo")
        });
        Api.On("PUT /api/alerts/rules/1/", ContractsJsonContext.Default.AlertRuleView, () => AlertViews.Rule(1, "Rockets"));
        var editor = Render(1, new(null));
        Assert.Equal("4.5", Part(editor, "rule-strength-field").GetAttribute("value"));
        Assert.True(Part(editor, "sensitivity-high").HasAttribute("checked"));
        Part(editor, "rule-form").Submit();

        editor.WaitForAssertion(() => Assert.Single(Api.Changes));
        Assert.Equal("\"3\"", Api.Changes[0].Version);
        // The channel 99 is there no more.
        Assert.Contains("\"channels\":[7],", Api.Changes[0].Body, StringComparison.Ordinal);
        Assert.Contains("\"muted_until\":\"2026-03-05T14:00:00+00:00\"", Api.Changes[0].Body, StringComparison.Ordinal);
        Assert.Contains("\"time_zone\":\"Asia/Tokyo\"", Api.Changes[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_has_changed_is_not_written_over_but_can_be_read_again()
    {
        OnRule(new() { Kind = "query", Query = "rocket" });
        Api.On(
            "PUT /api/alerts/rules/1/", HttpStatusCode.PreconditionFailed,
            """{"title":"Somebody has changed it meanwhile.","detail":"Read it again, and decide again."}""");
        var editor = Render(1, new(null));
        Part(editor, "rule-query-field").Input("boat");
        Part(editor, "rule-form").Submit();
        editor.WaitForAssertion(() => Assert.Equal("Read it again, and decide again.", Text(Part(editor, "problem"))));
        Assert.Equal("boat", Part(editor, "rule-query-field").GetAttribute("value"));

        OnRule(new() { Kind = "query", Query = "ship" });
        Part(editor, "read-again").Click();
        editor.WaitForAssertion(() => Assert.Equal("ship", Part(editor, "rule-query-field").GetAttribute("value")));
        Assert.Empty(editor.FindAll("[data-testid=problem], [data-testid=stale]"));
    }

    [Fact]
    public void A_rule_that_is_gone_and_one_without_channels_say_so()
    {
        var gone = Render<RuleEditor>(parameters => parameters.Add(island => island.Id, 5).Add(island => island.Begin, new(null)));
        gone.WaitForAssertion(() => Assert.StartsWith("You have no rule with this number", Text(Part(gone, "rule-gone")), StringComparison.Ordinal));

        _channels.Clear();
        Assert.Contains("You have no channel", Text(Part(RenderNew(new(null)), "no-channels")), StringComparison.Ordinal);
    }

    private void OnRule(AlertRuleDefinition rule) =>
        Api.On("GET /api/alerts/rules/1/", ContractsJsonContext.Default.AlertRuleView, () => AlertViews.Rule(1, "Rockets", rule));

    private void OnPreview(AlertPreviewView preview) => Api.On("POST /api/alerts/rules/preview", ContractsJsonContext.Default.AlertPreviewView, () => preview);

    private static AlertPreviewView Preview(int count) => new()
    {
        From = Posts.Now.AddDays(-7),
        To = Posts.Now,
        Summary = $"It would have fired {count} times in the last 7 days.",
        Count = count,
        Truncated = false,
        PerDay = new Dictionary<string, double> { ["low"] = 0.14, ["medium"] = 2.5, ["high"] = 12 },
        Results = [new() { OccurredAt = Posts.Now.AddDays(-1), Strength = 6.25, Subreddit = "space", Post = AlertViews.Alert(1).Post }],
    };

    private IRenderedComponent<RuleEditor> RenderNew(RuleBeginning begin) => Render(null, begin);

    private IRenderedComponent<RuleEditor> Render(long? id, RuleBeginning begin)
    {
        var editor = Render<RuleEditor>(parameters => parameters.Add(island => island.Id, id).Add(island => island.Begin, begin));
        editor.WaitForAssertion(() => Assert.Equal("ready", Part(editor, "rule-editor").GetAttribute("data-state")));
        return editor;
    }
}
