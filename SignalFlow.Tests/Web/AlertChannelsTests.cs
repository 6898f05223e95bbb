using System.Net;
using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

public sealed class AlertChannelsTests : AdminContext
{
    private static readonly Guid Sent = Guid.Parse("0f8b0000-0000-0000-0000-000000000001");

    private readonly List<AlertChannelView> _channels = [];
    private AlertDeliveryView _delivery = new() { Id = Sent, State = "pending", AlertIds = [], CreatedAt = Posts.Now, DueAt = Posts.Now, Attempts = [] };

    public AlertChannelsTests()
    {
        Api.On("GET /api/alerts/channels/", ContractsJsonContext.Default.AlertChannelList, () => new([.. _channels]));
        Api.On("GET /api/alerts/channels/7/deliveries/", ContractsJsonContext.Default.AlertDeliveryList, () => new([_delivery]));
    }

    [Fact]
    public void A_new_channel_shows_its_secret_once()
    {
        Api.On("POST /api/alerts/channels/", ContractsJsonContext.Default.CreatedAlertChannel, () =>
        {
            _channels.Add(AlertViews.Channel(7, "My program"));
            return new(_channels[0], "sfw_secret");
        });
        var channels = RenderReady();
        Assert.StartsWith("You have no channel", Text(Part(channels, "channels-empty")), StringComparison.Ordinal);
        Part(channels, "channel-name-field").Input(" My program ");
        Part(channels, "channel-target-field").Input("https://example.org/hook");
        Part(channels, "channel-form").Submit();

        channels.WaitForAssertion(() => Assert.Equal("My program", Part(channels, "channel").GetAttribute("data-name")));
        Assert.Equal("""{"name":"My program","kind":"webhook","target":"https://example.org/hook","active":true}""", Assert.Single(Api.Changes).Body);
        Assert.Equal("sfw_secret", Part(channels, "secret-text").GetAttribute("value"));
        Assert.Equal("", Part(channels, "channel-target-field").GetAttribute("value") ?? "");
        Part(channels, "secret-close").Click();
        Assert.DoesNotContain("sfw_secret", channels.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("target", "channel-target")]
    [InlineData("kind", "channel-kind")]
    [InlineData("name", "channel-name")]
    public void What_is_wrong_with_a_new_one_is_said_at_its_field_and_can_be_mended(string field, string problem)
    {
        Api.Refuse("POST /api/alerts/channels/", field, "It must be another one.");
        var channels = RenderReady();
        Part(channels, "channel-kind-field").Change("email");
        Part(channels, "channel-target-field").Input("ana");
        Part(channels, "channel-form").Submit();

        channels.WaitForAssertion(() => Assert.Equal("It must be another one.", Text(Part(channels, problem))));
        Assert.Equal("true", Part(channels, problem + "-field").GetAttribute("aria-invalid"));
        Assert.Equal("ana", Part(channels, "channel-target-field").GetAttribute("value"));
        Assert.Empty(channels.FindAll("[data-testid=problem]"));
    }

    [Fact]
    public async Task A_test_is_followed_to_its_end()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        Api.On("POST /api/alerts/channels/7/test", HttpStatusCode.Accepted, $$"""{"id":"{{Sent}}"}""");
        var channels = RenderReady();
        Part(channels, "channel-test").Click();
        channels.WaitForAssertion(() => Assert.Equal("pending", Part(channels, "delivery").GetAttribute("data-state")));
        Assert.Equal("The test is on its way…", Text(Part(channels, "test-outcome")));

        _delivery = _delivery with
        {
            State = "failed", Attempts = [new(1, Posts.Now, 500, null, 20), new(2, Posts.Now, null, "The name is not known.", 1_500.4)]
        };
        Time.Advance(TimeSpan.FromSeconds(2));
        channels.WaitForAssertion(() => Assert.Equal(
            "The test has failed: no answer after 1,500 ms: The name is not known.", Text(Part(channels, "test-outcome"))));
        Assert.Equal(
            ["1. 2 s ago, answer 500 after 20 ms", "2. 2 s ago, no answer after 1,500 ms: The name is not known."],
            channels.FindAll("[data-testid=attempt]").Select(Text));

        // It has ended: nobody asks any more.
        var asked = Api.Requests.Count;
        for (var beat = 0; beat < 5; beat++)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            await channels.InvokeAsync(() => Task.CompletedTask);
        }

        Assert.Equal(asked, Api.Requests.Count);
    }

    [Fact]
    public void A_test_that_is_under_way_is_not_sent_twice()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        Api.On("POST /api/alerts/channels/7/test", HttpStatusCode.Conflict, """{"detail":"A test of this channel is under way."}""");
        var channels = RenderReady();
        Part(channels, "channel-test").Click();
        channels.WaitForAssertion(() => Assert.Equal("A test of this channel is under way.", Text(Part(channels, "problem"))));
        Assert.Empty(channels.FindAll("[data-testid=log]"));
    }

    [Fact]
    public void The_log_says_what_was_sent_and_closes_again()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        _delivery = _delivery with { State = "delivered", RuleId = 3, AlertIds = [1, 2], Attempts = [new(1, Posts.Now, 204, null, 35)] };
        var channels = RenderReady();
        Part(channels, "channel-log").Click();
        channels.WaitForAssertion(() => Assert.Equal(
            ["Delivered", "2 alerts", "of a rule", "0 s ago"], Part(channels, "delivery").QuerySelector(".ranking-meta")!.Children.Select(Text)));
        Assert.Equal("alerts?state=all&rule=3", Part(channels, "delivery").QuerySelector("a")!.GetAttribute("href"));
        Assert.Empty(channels.FindAll("[data-testid=test-outcome]"));
        Part(channels, "channel-log").Click();
        Assert.Empty(channels.FindAll("[data-testid=log]"));
    }

    [Fact]
    public void A_new_target_has_a_new_secret_and_is_based_on_what_was_seen()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        Api.On(
            "PUT /api/alerts/channels/7/", ContractsJsonContext.Default.CreatedAlertChannel,
            () => new(_channels[0] = AlertViews.Channel(7, "Other"), "sfw_other"));
        var channels = RenderReady();
        Part(channels, "channel-change").Click();
        Part(channels, "edit-name-field").Input("Other");
        Part(channels, "edit-target-field").Input("https://other.example.org/");
        Part(channels, "channel-editor").Submit();

        channels.WaitForAssertion(() => Assert.Equal("sfw_other", Part(channels, "secret-text").GetAttribute("value")));
        var change = Assert.Single(Api.Changes);
        Assert.Equal(("\"5\"", """{"name":"Other","kind":null,"target":"https://other.example.org/","active":true}"""), (change.Version, change.Body));
        Assert.Empty(channels.FindAll("[data-testid=channel-editor]"));
    }

    [Fact]
    public void A_change_that_is_refused_stays_open_with_what_was_typed()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        Api.Refuse("PUT /api/alerts/channels/7/", "name", "You have another of this name, in whatever case.");
        var channels = RenderReady();
        Part(channels, "channel-change").Click();
        Part(channels, "channel-editor").Submit();
        channels.WaitForAssertion(() => Assert.Equal("You have another of this name, in whatever case.", Text(Part(channels, "edit-name"))));

        Api.On("PUT /api/alerts/channels/7/", HttpStatusCode.PreconditionFailed, """{"detail":"Read it again, and decide again."}""");
        Part(channels, "channel-editor").Submit();
        channels.WaitForAssertion(() => Assert.Equal("Read it again, and decide again.", Text(Part(channels, "problem"))));
        Assert.Equal("My program", Part(channels, "edit-name-field").GetAttribute("value"));
    }

    [Fact]
    public void A_channel_is_paused_without_its_target_and_deleted_after_a_question()
    {
        _channels.Add(AlertViews.Channel(7, "My program"));
        Api.On(
            "PUT /api/alerts/channels/7/", ContractsJsonContext.Default.CreatedAlertChannel,
            () => new(_channels[0] = _channels[0] with { Active = false }, null));
        Api.On("DELETE /api/alerts/channels/7/", HttpStatusCode.NoContent);
        var channels = RenderReady();
        Part(channels, "channel-toggle").Click();
        channels.WaitForAssertion(() => Assert.Equal("Paused", Text(Part(channels, "channel-state"))));
        Assert.Equal("""{"name":"My program","kind":null,"target":null,"active":false}""", Assert.Single(Api.Changes).Body);
        Assert.Empty(channels.FindAll("[data-testid=secret]"));

        Part(channels, "channel-delete").Click();
        Assert.Single(Api.Changes);
        _channels.Clear();
        Part(channels, "confirm-yes").Click();
        channels.WaitForAssertion(() => Assert.NotEmpty(channels.FindAll("[data-testid=channels-empty]")));
        Assert.Equal("\"5\"", Api.Changes[1].Version);
    }

    private IRenderedComponent<ChannelTable> RenderReady()
    {
        var channels = Render<ChannelTable>();
        channels.WaitForAssertion(() => Assert.Equal("ready", Part(channels, "channels").GetAttribute("data-state")));
        return channels;
    }
}
