using System.Net;
using Bunit;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

/// <summary>What all islands of alerts have in common.</summary>
public sealed class AlertIslandsTests : AdminContext
{
    public static TheoryData<string> Islands => ["alerts", "rules", "rule-editor", "channels"];

    [Theory]
    [MemberData(nameof(Islands))]
    public void Until_the_api_has_answered_it_says_that_it_waits(string island)
    {
        Api.HoldsReads = new();
        Answer();
        var page = RenderIsland(island);
        Assert.Equal("loading", Part(page, island).GetAttribute("data-state"));
        Assert.NotEmpty(page.FindAll("[data-testid=loading]"));

        Api.HoldsReads.SetResult();
        page.WaitForAssertion(() => Assert.Equal("ready", Part(page, island).GetAttribute("data-state")));
        Assert.Empty(page.FindAll("[data-testid=loading]"));
    }

    [Theory]
    [MemberData(nameof(Islands))]
    public async Task Whose_sign_in_has_ended_is_led_to_another(string island)
    {
        await EndSessionAsync();
        foreach (var request in new[] { "alerts/?state=new&page_size=50", "alerts/rules/", "alerts/channels/" })
            Api.On("GET /api/" + request, HttpStatusCode.Forbidden);
        var page = RenderIsland(island);

        page.WaitForAssertion(() => Assert.Equal("Your sign-in has ended. Sign in again", Text(Part(page, "problem"))));
        Assert.StartsWith("/sign-in?return=", Part(page, "problem").QuerySelector("a")!.GetAttribute("href"), StringComparison.Ordinal);
    }

    private void Answer()
    {
        Api.On("GET /api/alerts/?state=new&page_size=50", ContractsJsonContext.Default.AlertPage, () => new() { Results = [] });
        Api.On("GET /api/alerts/rules/", ContractsJsonContext.Default.AlertRuleList, () => new([]));
        Api.On("GET /api/alerts/channels/", ContractsJsonContext.Default.AlertChannelList, () => new([]));
    }

    private IRenderedComponent<IComponent> RenderIsland(string island) => island switch
    {
        "alerts" => Render<AlertInbox>(),
        "rules" => Render<RuleTable>(),
        "channels" => Render<ChannelTable>(),
        _ => Render<RuleEditor>(parameters => parameters.Add(editor => editor.Id, null).Add(editor => editor.Begin, new(null))),
    };
}
