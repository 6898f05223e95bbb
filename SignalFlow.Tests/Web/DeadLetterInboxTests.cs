using System.Globalization;
using System.Net;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Ops;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

public sealed class DeadLetterInboxTests : BunitContext
{
    private readonly AnswersOfTheApi _api = new();

    public DeadLetterInboxTests()
    {
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Posts.Now));
        Services.AddSingleton<ApiClient>();
        Services.AddHttpClient(ApiClient.ServiceName, client => client.BaseAddress = ApiClient.ServiceAddress)
            .ConfigurePrimaryHttpMessageHandler(() => _api);
        _api.DeadLetterStats = new()
        {
            Total = 1040,
            Open = 940,
            OldestOpenAt = Posts.Now.AddDays(-2),
            ByState = [new("new", 940, 940), new("resolved", 100, 0)],
            ByClass = [new("json", 1000, 900), new("storage", 40, 40)],
            ByTopic = [new(KafkaTopics.Raw, 1040, 940)],
        };
        _api.DeadLetters = new() { Results = [Letter(3), Letter(2), Letter(1)] };
    }

    private BunitNavigationManager Navigation => Services.GetRequiredService<BunitNavigationManager>();

    [Fact]
    public void The_address_says_what_is_asked_for()
    {
        Render("/ops?view=dead-letters&state=new%2Cparked&error_class=json&topic=reddit.posts.raw&post_id=abc&age=1d&cursor=xyz");

        var query = QueryHelpers.ParseQuery(_api.LetterQuery).ToDictionary(field => field.Key, field => field.Value.ToString());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["state"] = "new,parked",
                ["error_class"] = "json",
                ["topic"] = "reddit.posts.raw",
                ["post_id"] = "abc",
                ["from"] = Posts.Now.AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["cursor"] = "xyz",
                ["page_size"] = "50",
            },
            query);
    }

    [Fact]
    public void A_filter_goes_into_the_address_and_begins_at_the_first_page()
    {
        var inbox = Render("/ops?view=dead-letters&cursor=xyz&letter=2");

        inbox.Find("[name=error_class]").Change("storage");

        Assert.EndsWith("/ops?view=dead-letters&error_class=storage", Navigation.Uri, StringComparison.Ordinal);
        inbox.WaitForAssertion(() => Assert.Equal("?error_class=storage&page_size=50", _api.LetterQuery));
        inbox.Find("[name=from]").Change("2026-11-01");
        inbox.Find("[name=age]").Change("7d");
        Assert.EndsWith("/ops?view=dead-letters&error_class=storage&age=7d", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_are_links_with_the_cursor_of_the_api()
    {
        _api.DeadLetters = _api.DeadLetters with { Next = "http://api/dlq/?state=new&cursor=n%2B1", Previous = "http://api/dlq/?cursor=p" };

        var inbox = Render("/ops?view=dead-letters&state=new");

        Assert.Equal("/ops?view=dead-letters&state=new&cursor=n%2B1", inbox.Find("[data-testid=older]").GetAttribute("href"));
        Assert.Equal("/ops?view=dead-letters&state=new&cursor=p", inbox.Find("[data-testid=newer]").GetAttribute("href"));
    }

    [Fact]
    public void States_are_told_in_words_and_only_what_can_be_replayed_has_a_button_that_works()
    {
        _api.DeadLetters = new()
        {
            Results =
            [
                Letter(6), Letter(5) with { State = "replaying" }, Letter(4) with { State = "failed_again", FailedReplays = 2 },
                Letter(3) with { State = "parked", FailedReplays = 3 }, Letter(2) with { State = "discarded", Note = "a test" },
                Letter(1) with { State = "resolved" }, Letter(7) with { PurgedAt = Posts.Now }, Letter(8) with { IsTruncated = true },
            ],
        };

        var inbox = Render();

        Assert.Equal(
            ["New", "Being replayed", "Failed again, replayed 2 of 3 times", "Parked after 3 failed replays", "Discarded: a test", "Resolved", "New", "New"],
            inbox.FindAll("[data-testid=dead-letter-state]").Select(Text));
        Assert.Equal(
            [false, false, false, false, true, true, true, true], inbox.FindAll("[data-testid=replay-one]").Select(button => button.HasAttribute("disabled")));
        Assert.StartsWith("Replay anyway", Text(inbox.FindAll("[data-testid=replay-one]")[3]), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_is_text_whatever_is_in_it()
    {
        _api.DeadLetter = Detail(2, new("utf-8", """{"title":"<script>alert(1)</script>","score":1}""")) with
        {
            IsTruncated = true,
            Headers = [new("<b>", "utf-8", "<i>x</i>"), new("raw", "base64", "/w==")],
        };

        var inbox = Render("/ops?view=dead-letters&letter=2");

        Assert.Equal(
            "{\n  \"title\": \"<script>alert(1)</script>\",\n  \"score\": 1\n}",
            inbox.Find("[data-testid=payload]").TextContent.ReplaceLineEndings("\n"));
        Assert.Empty(inbox.FindAll("script, [data-testid=headers] b, [data-testid=headers] i"));
        Assert.Equal(["<b>: <i>x</i>", "raw: /w== (base64)"], inbox.FindAll("[data-testid=headers] li").Select(Text));
        Assert.NotEmpty(inbox.FindAll("[data-testid=truncated]"));
        Assert.Equal("true", inbox.Find("[data-id='2'] [data-testid=open]").GetAttribute("aria-expanded"));
        Assert.Equal("/ops?view=dead-letters", inbox.Find("[data-id='2'] [data-testid=open]").GetAttribute("href"));
    }

    [Theory]
    [InlineData("utf-8", "<html>", "text", "<html>")]
    [InlineData("base64", "/w==", "bytes in base64", "/w==")]
    [InlineData("utf-8", "[1]", "JSON", "[\n  1\n]")]
    [InlineData("utf-8", "{\"a\":\"\\ud800\"}", "text", "{\"a\":\"\\ud800\"}")]
    public void Content_that_is_no_json_is_shown_as_it_came(string encoding, string value, string kind, string text)
    {
        var content = LetterContent.Of(new(encoding, value));

        Assert.Equal((kind, text, false), (content.Kind, content.Text.ReplaceLineEndings("\n"), content.IsCut));
        Assert.True(LetterContent.Of(new("utf-8", new string('x', LetterContent.MaxLength + 1))) is { IsCut: true, Text.Length: LetterContent.MaxLength });
    }

    [Fact]
    public void Replaying_by_filter_counts_first_and_goes_on_until_there_is_no_rest()
    {
        var requests = new List<DeadLetterReplayRequest>();
        _api.Replay = request =>
        {
            requests.Add(request);
            return Task.FromResult<DeadLetterReplayResult?>(request switch
            {
                { DryRun: true } => Result(0, remaining: 923),
                { Continue: null } => Result(500, remaining: 423) with { Continue = "here" },
                _ => Result(423, remaining: 0),
            });
        };
        var inbox = Render("/ops?view=dead-letters&error_class=json");

        inbox.Find("[data-testid=replay-all]").Click();
        inbox.WaitForAssertion(() => Assert.Equal(
            "This would replay 923 of 1,040 dead letters; left as they are: 17 discarded, 100 resolved.", Text(inbox.Find("[data-testid=dry-run]"))));
        Assert.Equal([true], requests.Select(request => request.DryRun));

        inbox.Find("[data-testid=ask]").Submit();

        inbox.WaitForAssertion(() => Assert.Equal(
            "923 dead letters replayed. Left as they are: 17 discarded, 100 resolved.", Text(inbox.Find("[data-testid=outcome][role=status]"))));
        Assert.Equal([null, null, "here"], requests.Select(request => request.Continue));
        Assert.All(requests, request => Assert.Equal(("json", null, false), (request.Filter!.ErrorClass, request.Ids, request.All)));
    }

    [Fact]
    public async Task A_replay_that_is_stopped_says_how_many_of_all_are_left_and_runs_once_however_often_it_is_asked_for()
    {
        var requests = 0;
        var answer = new TaskCompletionSource<DeadLetterReplayResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.Replay = _ => ++requests switch
        {
            1 => Task.FromResult<DeadLetterReplayResult?>(Result(500, remaining: 700) with { Continue = "here" }),
            _ => answer.Task,
        };
        var operation = new LetterOperation(Services.GetRequiredService<ApiClient>(), () => { });

        var running = operation.RunAsync(reason: null, Xunit.TestContext.Current.CancellationToken);
        var again = operation.RunAsync(reason: null, Xunit.TestContext.Current.CancellationToken);
        Assert.True(again.IsCompletedSuccessfully);
        operation.Cancel();
        answer.SetResult(Result(300, remaining: 400) with { Continue = "there" });
        await running;

        Assert.Equal("800 dead letters replayed. Stopped; 400 are left.", operation.Outcome);
        Assert.Equal(2, requests);
    }

    [Fact]
    public void Without_a_filter_all_is_said_and_a_cancelled_question_changes_nothing()
    {
        var requests = new List<DeadLetterReplayRequest>();
        _api.Replay = request =>
        {
            requests.Add(request);
            return Task.FromResult<DeadLetterReplayResult?>(Result(0, remaining: 5));
        };
        var inbox = Render();

        inbox.Find("[data-testid=replay-all]").Click();
        inbox.WaitForElement("[data-testid=ask]");
        inbox.Find("[data-testid=cancel]").Click();

        Assert.Empty(inbox.FindAll("[data-testid=ask]"));
        Assert.Equal([(true, true, null)], requests.Select(request => (request.All, request.DryRun, request.Filter)));
        Assert.Empty(inbox.FindAll("[data-testid=discard-all]"));
    }

    [Fact]
    public async Task A_double_click_replays_once_and_the_buttons_wait()
    {
        var answer = new TaskCompletionSource<DeadLetterReplayResult?>();
        var requests = new List<DeadLetterReplayRequest>();
        _api.Replay = request =>
        {
            requests.Add(request);
            return answer.Task;
        };
        var inbox = Render();
        var button = inbox.Find("[data-id='3'] [data-testid=replay-one]");

        var first = button.ClickAsync();
        var second = button.ClickAsync();

        inbox.WaitForAssertion(() => Assert.All(
            inbox.FindAll("[data-testid=replay-one], [data-testid=replay-all]"), one => Assert.True(one.HasAttribute("disabled"))));
        answer.SetResult(Result(1, remaining: 0) with { Matched = 1, Skipped = new Dictionary<string, long>() });
        await Task.WhenAll(first, second);
        inbox.WaitForAssertion(() => Assert.Equal("1 dead letter replayed.", Text(inbox.Find("[data-testid=outcome]"))));
        Assert.Equal([3], Assert.Single(requests).Ids!);
    }

    [Fact]
    public void What_is_selected_is_discarded_with_a_reason_only()
    {
        var requests = new List<DeadLetterDiscardRequest>();
        _api.Discard = request =>
        {
            requests.Add(request);
            return new()
            {
                Discarded = request.DryRun ? 0 : 2, Matched = 2, Remaining = request.DryRun ? 2 : 0,
                Skipped = new Dictionary<string, long>(), DryRun = request.DryRun
            };
        };
        var inbox = Render();
        Assert.True(inbox.Find("[data-testid=discard-selected]").HasAttribute("disabled"));
        inbox.Find("[data-testid=select-page]").Change(true);
        inbox.Find("[data-id='2'] input").Change(false);
        Assert.Equal("2 selected", Text(inbox.Find("[data-testid=selected]")));

        inbox.Find("[data-testid=discard-selected]").Click();
        inbox.WaitForElement("[data-testid=ask]");
        inbox.Find("[data-testid=ask]").Submit();
        Assert.Single(requests);
        inbox.Find("[name=reason]").Change(" a test of a producer ");
        inbox.Find("[data-testid=ask]").Submit();

        inbox.WaitForAssertion(() => Assert.Equal("2 dead letters discarded.", Text(inbox.Find("[data-testid=outcome]"))));
        Assert.Equal((false, "a test of a producer"), (requests[1].DryRun, requests[1].Reason));
        Assert.Equal([1, 3], requests[1].Ids!.Order());
        inbox.WaitForAssertion(() => Assert.Equal("None selected", Text(inbox.Find("[data-testid=selected]"))));
    }

    [Fact]
    public void A_refusal_is_told_in_the_words_of_the_api_and_the_selection_stays()
    {
        var inbox = Render();
        inbox.Find("[data-id='3'] input").Change(true);

        inbox.Find("[data-testid=replay-selected]").Click();

        inbox.WaitForAssertion(() => Assert.Equal("Kafka does not take the records.", Text(inbox.Find("[data-testid=outcome].ops-trouble"))));
        Assert.Equal("1 selected", Text(inbox.Find("[data-testid=selected]")));
        Assert.False(inbox.Find("[data-testid=replay-selected]").HasAttribute("disabled"));
    }

    [Fact]
    public void States_follow_by_themselves_and_stay_while_the_api_is_away()
    {
        var inbox = Render();
        _api.DeadLetters = new() { Results = [Letter(3) with { State = "resolved", UpdatedAt = Posts.Now.AddSeconds(1) }] };
        inbox.Render(parameters => parameters.Add(board => board.Beat, 2));
        inbox.WaitForAssertion(() => Assert.Equal(["Resolved"], inbox.FindAll("[data-testid=dead-letter-state]").Select(Text)));

        _api.Status = HttpStatusCode.BadGateway;
        inbox.Render(parameters => parameters.Add(board => board.Beat, 3));

        inbox.WaitForAssertion(() => Assert.Equal("away", inbox.Find("[data-testid=inbox]").GetAttribute("data-state")));
        Assert.Equal(["Resolved"], inbox.FindAll("[data-testid=dead-letter-state]").Select(Text));
    }

    [Fact]
    public void An_empty_list_says_why()
    {
        _api.DeadLetters = new() { Results = [] };

        Assert.StartsWith("No message has failed.", Text(Render().Find("[data-testid=letters-empty]")), StringComparison.Ordinal);
        Assert.StartsWith(
            "No dead letter is like this.", Text(Render("/ops?view=dead-letters&state=parked").Find("[data-testid=letters-empty]")),
            StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _api.Dispose();
    }

    private IRenderedComponent<DeadLetterInbox> Render(string address = "/ops?view=dead-letters")
    {
        Navigation.NavigateTo(address);
        var inbox = Render<DeadLetterInbox>(parameters => parameters.Add(board => board.Beat, 1));
        inbox.WaitForAssertion(() => Assert.Equal("ready", inbox.Find("[data-testid=inbox]").GetAttribute("data-state")));
        return inbox;
    }

    private static DeadLetterReplayResult Result(long replayed, long remaining) => new()
    {
        Replayed = replayed,
        Matched = 1040,
        Remaining = remaining,
        Skipped = new SortedDictionary<string, long> { ["discarded"] = 17, ["resolved"] = 100 },
        DryRun = replayed == 0,
    };

    private static string Text(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static DeadLetterDetail Letter(long id) => Detail(id, null);

    private static DeadLetterDetail Detail(long id, EncodedBytes? payload) => new()
    {
        Id = id,
        SourceTopic = KafkaTopics.Raw,
        SourcePartition = 0,
        SourceOffset = id,
        PostIds = ["abc"],
        ErrorClass = "json",
        ErrorMessage = "<html> is no JSON",
        FailedAt = Posts.Now,
        Attempt = 1,
        State = "new",
        DlqPartition = 0,
        DlqOffset = id,
        CreatedAt = Posts.Now,
        UpdatedAt = Posts.Now,
        Payload = payload,
        Headers = [],
    };
}
