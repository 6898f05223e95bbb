using System.Net;
using System.Net.Http.Headers;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class AlertApiTests(PostgresFixture postgres)
{
    private const string Rules = "/api/alerts/rules/";
    private const string Channels = "/api/alerts/channels/";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static AlertRuleDefinition Rockets => new() { Name = "Rockets", Kind = "query", Query = "rocket" };

    [Fact]
    public async Task A_rule_is_made_read_changed_by_its_version_and_removed()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var analyst = await api.ClientAsAsync("analyst");
        var (rule, tag) = await AddAsync(analyst, Rockets with
        {
            QuietHours = new("22:00", "07:00", "Europe/Berlin"),
            Subreddits = ["Science"],
            DigestMinutes = 60,
        });
        Assert.Equal(("medium", 60, true), (rule.Rule.Sensitivity!, rule.Rule.DedupeMinutes!.Value, rule.Rule.Active!.Value));
        Assert.Equal(new("22:00", "07:00", "Europe/Berlin"), rule.Rule.QuietHours);
        Assert.Equal(["science"], rule.Rule.Subreddits!);

        var changed = rule.Rule with { Name = "More rockets", Sensitivity = "high" };
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PutAsync(analyst, rule.Id, changed, null)).StatusCode);
        using var put = await PutAsync(analyst, rule.Id, changed, tag);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(analyst, rule.Id, changed, tag)).StatusCode);
        Assert.Equal("More rockets", Assert.Single(await ListAsync(analyst)).Rule.Name);

        var until = api.Time.GetUtcNow().AddHours(2);
        using var muted = await analyst.PostAsJsonAsync($"{Rules}{rule.Id}/mute", new(until), ContractsJsonContext.Default.AlertMute, Cancel);
        var view = await muted.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AlertRuleView, Cancel);
        Assert.Equal((until, "high"), (view!.Rule.MutedUntil, view.Rule.Sensitivity));

        using var stale = new HttpRequestMessage(HttpMethod.Delete, $"{Rules}{rule.Id}") { Headers = { { "If-Match", tag } } };
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await analyst.SendAsync(stale, Cancel)).StatusCode);
        using var delete = new HttpRequestMessage(HttpMethod.Delete, $"{Rules}{rule.Id}") { Headers = { { "If-Match", "*" } } };
        Assert.Equal(HttpStatusCode.NoContent, (await analyst.SendAsync(delete, Cancel)).StatusCode);
        Assert.Empty(await ListAsync(analyst));
        Assert.Equal(
            ["alert_rule.add", "alert_rule.change", "alert_rule.mute", "alert_rule.delete"],
            await api.Database.TextsAsync("SELECT action FROM audit_log WHERE action LIKE 'alert%' ORDER BY id"));
    }

    [Theory]
    [InlineData("""{"kind":"query","query":"a"}""", "name", "name must be")]
    [InlineData("""{"name":"x","kind":"luck"}""", "kind", "kind must be query")]
    [InlineData("""{"name":"x","kind":"query"}""", "query", "needs a query")]
    [InlineData("""{"name":"x","kind":"query","query":"a AND (b"}""", "query", "Character 7: The parenthesis is not closed.")]
    [InlineData("""{"name":"x","kind":"volume","query":"score>5"}""", "query", "come later")]
    [InlineData("""{"name":"x","kind":"anomaly","query":"a"}""", "query", "has no query")]
    [InlineData("""{"name":"x","kind":"author"}""", "authors", "at least one")]
    [InlineData("""{"name":"x","kind":"author","authors":["a b"]}""", "authors", "as Reddit has them")]
    [InlineData("""{"name":"x","kind":"surge","subreddits":["r/x"]}""", "subreddits", "as Reddit has them")]
    [InlineData("""{"name":"x","kind":"surge","sensitivity":"extreme"}""", "sensitivity", "low, medium or high")]
    [InlineData("""{"name":"x","kind":"surge","min_strength":-1}""", "min_strength", "from 0")]
    [InlineData("""{"name":"x","kind":"surge","dedupe_minutes":99999}""", "dedupe_minutes", "0 to 10080")]
    [InlineData("""{"name":"x","kind":"surge","digest_minutes":1}""", "digest_minutes", "5 to 1440")]
    [InlineData("""{"name":"x","kind":"surge","quiet_hours":{"from":"22:00","to":"7","time_zone":"UTC"}}""", "quiet_hours", "two different times")]
    [InlineData("""{"name":"x","kind":"surge","quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Berlin"}}""", "quiet_hours", "time_zone")]
    [InlineData("""{"name":"x","kind":"surge","channels":[999]}""", "channels", "of one's own")]
    [InlineData("""{"name":"x","kind":"surge","colour":"red"}""", "colour", "unknown")]
    public async Task What_is_wrong_is_told_by_the_field(string body, string field, string words)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        using var answer = await api.Client.PostAsync(Rules, new StringContent(body, new MediaTypeHeaderValue("application/json")), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"{field}\":", text, StringComparison.Ordinal);
        Assert.Contains(words, System.Text.RegularExpressions.Regex.Unescape(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("webhook", "ftp://example.org/")]
    [InlineData("webhook", "http://127.0.0.1/")]
    [InlineData("webhook", "http://localhost/")]
    [InlineData("webhook", "http://[::1]/")]
    [InlineData("webhook", "http://169.254.169.254/latest")]
    [InlineData("webhook", "https://user:password@example.org/")]
    [InlineData("slack", "no address")]
    [InlineData("email", "ana")]
    [InlineData("email", "ana@example.org, bob@example.org")]
    [InlineData("email", "ana@example.org\r\nDATA")]
    public async Task A_target_that_is_none_is_refused(string kind, string target)
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst", settings: new() { ["Alerts:Smtp:Host"] = "mail.example.org" });
        using var answer = await PostChannelAsync(api.Client, new() { Name = "x", Kind = kind, Target = target });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"target\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_shows_its_secret_once_and_its_target_never()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        using var added = await PostChannelAsync(api.Client, new() { Name = "Hook", Kind = "webhook", Target = "https://hooks.example.org/a-secret-path" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal("no-store", added.Headers.CacheControl!.ToString());
        var channel = (await added.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedAlertChannel, Cancel))!;
        Assert.StartsWith("sfw_", channel.Secret, StringComparison.Ordinal);
        Assert.Equal("hooks.example.org", channel.Channel.Hint);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await PostChannelAsync(api.Client, new() { Name = "m", Kind = "email", Target = "a@example.org" })).StatusCode);

        // A new name keeps target and secret, a new target has a new secret.
        var sealedBefore = await api.Database.ScalarAsync<byte[]>("SELECT sealed FROM alert_channels");
        var renamed = await PutChannelAsync(api.Client, channel.Channel.Id, new() { Name = "Renamed" }, added.Headers.ETag!.ToString());
        Assert.Null(renamed.Secret);
        Assert.Equal(sealedBefore, await api.Database.ScalarAsync<byte[]>("SELECT sealed FROM alert_channels"));
        var moved = await PutChannelAsync(api.Client, channel.Channel.Id, new() { Name = "Renamed", Target = "https://other.example.org/" }, "*");
        Assert.NotEqual(channel.Secret, moved.Secret);

        using var tested = await api.Client.PostAsync($"{Channels}{channel.Channel.Id}/test", null, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await api.Client.PostAsync($"{Channels}{channel.Channel.Id}/test", null, Cancel)).StatusCode);
        var deliveries = await api.Client.GetFromJsonAsync(
            $"{Channels}{channel.Channel.Id}/deliveries", ContractsJsonContext.Default.AlertDeliveryList, Cancel);
        Assert.Equal("pending", Assert.Single(deliveries!.Results).State);

        var everything = await api.Client.GetStringAsync(Channels, Cancel) + await api.Client.GetStringAsync($"{Channels}{channel.Channel.Id}", Cancel)
            + string.Join('\n', await api.Database.RowsAsync("SELECT action, old, new FROM audit_log"));
        Assert.DoesNotContain("secret-path", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("sfw_", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_reaches_what_is_anothers()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var ana = await api.ClientAsAsync("analyst");
        using var eve = await api.ClientAsAsync("admin");
        using var added = await PostChannelAsync(ana, new() { Name = "Hook", Kind = "webhook", Target = "https://example.org/" });
        var channel = (await added.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedAlertChannel, Cancel))!.Channel.Id;
        var (rule, _) = await AddAsync(ana, Rockets with { Channels = [channel] });
        await FireAsync(api, 1);
        var alert = Assert.Single(await AlertsAsync(ana)).Id;

        foreach (var (method, path) in (ReadOnlySpan<(string, string)>)
            [
                ("GET", $"{Rules}{rule.Id}"), ("PUT", $"{Rules}{rule.Id}"), ("DELETE", $"{Rules}{rule.Id}"), ("POST", $"{Rules}{rule.Id}/mute"),
                ("GET", $"{Channels}{channel}"), ("PUT", $"{Channels}{channel}"), ("DELETE", $"{Channels}{channel}"), ("POST", $"{Channels}{channel}/test"),
                ("GET", $"{Channels}{channel}/deliveries"), ("GET", $"/api/alerts/{alert}"), ("POST", $"/api/alerts/{alert}/acknowledge"),
            ])
        {
            var body = path.StartsWith(Channels, StringComparison.Ordinal) ? """{"name":"x"}"""
                : path.EndsWith("/mute", StringComparison.Ordinal) ? "{}"
                : """{"name":"x","kind":"surge"}""";
            Assert.Equal(HttpStatusCode.NotFound, Send(eve, method, path, body));
            Assert.NotEqual(HttpStatusCode.NotFound, method is "DELETE" ? HttpStatusCode.OK : Send(ana, method, path, body));
        }

        Assert.Empty(await ListAsync(eve));
        Assert.Empty(await AlertsAsync(eve));
        Assert.Equal("{\"results\":[]}", await eve.GetStringAsync(Channels, Cancel));
        using var stolen = await eve.PostAsJsonAsync(Rules, Rockets with { Channels = [channel] }, ContractsJsonContext.Default.AlertRuleDefinition, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, stolen.StatusCode);
        using var all = await eve.PostAsync("/api/alerts/acknowledge", null, Cancel);
        Assert.Equal(0, (await all.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AlertsAcknowledged, Cancel))!.Acknowledged);

        static HttpStatusCode Send(HttpClient client, string method, string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Headers = { { "If-Match", "*" } } };
            if (method != "GET")
                request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            using var answer = client.Send(request, Cancel);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Alerts_are_listed_in_pages_by_rule_and_state_and_taken_note_of()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var ana = await api.ClientAsAsync("analyst");
        var (rule, _) = await AddAsync(ana, Rockets with { DedupeMinutes = 0 });
        var (other, _) = await AddAsync(ana, Rockets with { Name = "Other", Query = "number2" });
        await FireAsync(api, 5);

        var first = (await ana.GetFromJsonAsync("/api/alerts/?page_size=4", ContractsJsonContext.Default.AlertPage, Cancel))!;
        var second = (await ana.GetFromJsonAsync(first.Next, ContractsJsonContext.Default.AlertPage, Cancel))!;
        Assert.Null(second.Next);
        Assert.Equal(6, first.Results.Concat(second.Results).Select(alert => alert.Id).Distinct().Count());
        var back = (await ana.GetFromJsonAsync(second.Previous, ContractsJsonContext.Default.AlertPage, Cancel))!;
        Assert.Equal(first.Results.Select(alert => alert.Id), back.Results.Select(alert => alert.Id));
        Assert.Equal("rocket number2", Assert.Single(await AlertsAsync(ana, $"?rule={other.Id}")).Post!.Title);
        Assert.Equal(HttpStatusCode.BadRequest, (await ana.GetAsync($"/api/alerts/?rule={rule.Id}&{new Uri(first.Next!).Query[1..]}", Cancel)).StatusCode);

        using var noted = await ana.PostAsync($"/api/alerts/{first.Results[0].Id}/acknowledge", null, Cancel);
        noted.EnsureSuccessStatusCode();
        Assert.Equal(first.Results[0].Id, Assert.Single(await AlertsAsync(ana, "?state=acknowledged")).Id);
        Assert.Equal(5, (await AlertsAsync(ana, "?state=new")).Count);
        using var all = await ana.PostAsync("/api/alerts/acknowledge", null, Cancel);
        Assert.Equal(5, (await all.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AlertsAcknowledged, Cancel))!.Acknowledged);
        Assert.Empty(await AlertsAsync(ana, "?state=new"));

        // What is purged is no longer shown.
        await api.StoreAsync(api.Purged("p2", api.Time.GetUtcNow(), "author"));
        Assert.Null(Assert.Single(await AlertsAsync(ana, $"?rule={other.Id}")).Post);
    }

    [Fact]
    public async Task Trying_a_rule_tells_how_often_it_would_have_fired()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        await api.StoreAsync([.. Enumerable.Range(0, 3).Select(number => api.Post($"p{number}", title: $"rocket {number}", createdMinutesAgo: 5))]);
        using var answer = await api.Client.PostAsJsonAsync(
            Rules + "preview", Rockets with { Name = null }, ContractsJsonContext.Default.AlertRuleDefinition, Cancel);
        var preview = (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AlertPreviewView, Cancel))!;
        Assert.Equal("It would have fired 3 times in the last 7 days.", preview.Summary);
        Assert.Equal(["high", "low", "medium"], preview.PerDay.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Math.Round(3 / 7.0, 2), preview.PerDay["medium"]);
        Assert.Equal("rocket 2", preview.Results[0].Post!.Title);
        Assert.Empty(await ListAsync(api.Client));
    }

    [Fact]
    public async Task There_is_a_limit_to_what_one_user_has_and_a_name_is_had_once()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "analyst");
        await AddAsync(api.Client, Rockets);
        using var twice = await api.Client.PostAsJsonAsync(Rules, Rockets with { Name = "ROCKETS" }, ContractsJsonContext.Default.AlertRuleDefinition, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Contains("\"name\"", await twice.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var answers = new List<HttpStatusCode>();
        for (var number = 1; number < 55; number++)
        {
            using var answer = await api.Client.PostAsJsonAsync(
                Rules, Rockets with { Name = $"n{number}" }, ContractsJsonContext.Default.AlertRuleDefinition, Cancel);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(49, answers.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(5, answers.Count(status => status == HttpStatusCode.Conflict));
    }

    /// <summary>Stores posts about rockets and evaluates.</summary>
    private static async Task FireAsync(ApiApplication api, int posts)
    {
        await api.StoreAsync([.. Enumerable.Range(0, posts).Select(number =>
            api.Post(
                $"p{number}", title: $"rocket number{number}",
                state: PostState.First(new(api.Time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds() * 1000, 1, 0))))]);
        await AlertDatabase.SettleAsync(api.Database.DataSource);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var evaluation = new AlertEvaluation(
            new(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()), api.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<AlertEvaluation>.Instance);
        await using var connection = await api.Database.DataSource.OpenConnectionAsync(Cancel);
        await evaluation.RunAsync(connection, Cancel);
    }

    private static async Task<(AlertRuleView Rule, string Tag)> AddAsync(HttpClient client, AlertRuleDefinition rule)
    {
        using var answer = await client.PostAsJsonAsync(Rules, rule, ContractsJsonContext.Default.AlertRuleDefinition, Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancel));
        return ((await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AlertRuleView, Cancel))!, answer.Headers.ETag!.ToString());
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, long id, AlertRuleDefinition rule, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Rules}{id}")
        {
            Content = JsonContent.Create(rule, ContractsJsonContext.Default.AlertRuleDefinition)
        };
        if (tag is not null)
            request.Headers.Add("If-Match", tag);
        return await client.SendAsync(request, Cancel);
    }

    private static async Task<CreatedAlertChannel> PutChannelAsync(HttpClient client, long id, AlertChannelDefinition channel, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Channels}{id}")
        {
            Content = JsonContent.Create(channel, ContractsJsonContext.Default.AlertChannelDefinition)
        };
        request.Headers.Add("If-Match", tag);
        using var answer = await client.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.CreatedAlertChannel, Cancel))!;
    }

    private static Task<HttpResponseMessage> PostChannelAsync(HttpClient client, AlertChannelDefinition channel) =>
        client.PostAsJsonAsync(Channels, channel, ContractsJsonContext.Default.AlertChannelDefinition, Cancel);

    private static async Task<IReadOnlyList<AlertRuleView>> ListAsync(HttpClient client) =>
        (await client.GetFromJsonAsync(Rules, ContractsJsonContext.Default.AlertRuleList, Cancel))!.Results;

    private static async Task<IReadOnlyList<AlertView>> AlertsAsync(HttpClient client, string query = "") =>
        (await client.GetFromJsonAsync("/api/alerts/" + query, ContractsJsonContext.Default.AlertPage, Cancel))!.Results;
}
