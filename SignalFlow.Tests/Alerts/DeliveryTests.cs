using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Processing.Alerts;
using SignalFlow.Storage.Alerts.Delivery;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class DeliveryTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_gets_the_alert_signed_and_with_the_post_as_it_is()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var channel = await sending.ChannelAsync(receiver.Address, secret: "sfw_of the test");
        var rule = await alerts.AddQueryAsync("rocket", rule => rule with { Name = "Rockets", Channels = [channel] });
        await alerts.StoreAsync(alerts.Post("a", "A rocket <b> & \"more\""));
        await alerts.EvaluateAsync();
        await sending.SendAllAsync();

        var received = Assert.Single(receiver.Messages);
        Assert.True(IsSigned(received, "sfw_of the test", alerts.Now));
        Assert.False(IsSigned(received, "sfw_of the best", alerts.Now));
        Assert.False(IsSigned(received with { Body = [.. received.Body, (byte)' '] }, "sfw_of the test", alerts.Now));
        var message = JsonSerializer.Deserialize(received.Body, ContractsJsonContext.Default.AlertMessage)!;
        Assert.Equal((received.Delivery, "alerts", new AlertMessageRule(rule.Id, "Rockets", "query")), (message.Id.ToString(), message.Type, message.Rule!));
        Assert.Equal("A rocket <b> & \"more\"", Assert.Single(message.Alerts).Post!.Title);

        var delivery = Assert.Single(await sending.DeliveriesAsync(channel));
        Assert.Equal(("delivered", message.Id), (delivery.State, delivery.Id));
        Assert.Equal(204, Assert.Single(delivery.Attempts).Status);
    }

    /// <summary>As docs/alerts.md shows it.</summary>
    private static bool IsSigned(Received received, string secret, DateTimeOffset now)
    {
        var parts = received.Signature!.Split(',').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var time = long.Parse(parts["t"], CultureInfo.InvariantCulture);
        byte[] text = [.. Encoding.UTF8.GetBytes($"{time}."), .. received.Body];
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), text));
        return Math.Abs(now.ToUnixTimeSeconds() - time) < 300
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(parts["v1"]));
    }

    [Fact]
    public async Task A_failure_is_tried_again_five_times_in_all_under_the_same_id()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (http, _) => Answer(http, 503);
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);

        for (var attempt = 1; attempt <= RetryPolicy.MostAttempts; attempt++)
        {
            Assert.True(await sending.Dispatch.SendNextAsync(Cancel));
            Assert.False(await sending.Dispatch.SendNextAsync(Cancel));
            alerts.Time.Advance(TimeSpan.FromMinutes(15));
        }

        Assert.False(await sending.Dispatch.SendNextAsync(Cancel));
        Assert.Equal(5, receiver.Messages.Count);
        Assert.Single(receiver.Messages.Select(message => message.Delivery).Distinct());
        var delivery = Assert.Single(await sending.DeliveriesAsync(channel));
        Assert.Equal("failed", delivery.State);
        Assert.Equal([503, 503, 503, 503, 503], delivery.Attempts.Select(attempt => attempt.Status!.Value));
        Assert.DoesNotContain("127.0.0.1", string.Join('\n', sending.Log.GetSnapshot().Select(line => line.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_says_when_it_wants_to_be_asked_again()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (http, number) =>
        {
            if (number == 1)
                http.Response.Headers.RetryAfter = "600";
            return Answer(http, number == 1 ? 429 : 200);
        };
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);
        await sending.SendAllAsync();
        alerts.Time.Advance(TimeSpan.FromSeconds(599));
        Assert.False(await sending.Dispatch.SendNextAsync(Cancel));
        alerts.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await sending.Dispatch.SendNextAsync(Cancel));
        Assert.Equal("delivered", Assert.Single(await sending.DeliveriesAsync(channel)).State);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(302)]
    public async Task What_the_receiver_refuses_or_sends_elsewhere_is_given_up_at_once(int status)
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (http, _) =>
        {
            http.Response.Headers.Location = "/elsewhere";
            return Answer(http, status);
        };
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);
        await sending.SendAllAsync();
        Assert.Equal(["/hook"], receiver.Messages.Select(message => message.Path));
        Assert.Equal("failed", Assert.Single(await sending.DeliveriesAsync(channel)).State);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_left_after_ten_seconds()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        var arrived = new TaskCompletionSource();
        receiver.Answer = async (http, _) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);
        var sent = sending.Dispatch.SendNextAsync(Cancel);
        await arrived.Task;
        alerts.Time.Advance(TimeSpan.FromSeconds(10));
        await sent;
        var attempt = Assert.Single(Assert.Single(await sending.DeliveriesAsync(channel)).Attempts);
        Assert.Equal((null, "No answer came within 10 seconds."), (attempt.Status, attempt.Error));
    }

    [Fact]
    public async Task Two_who_send_at_once_send_each_message_once_and_one_at_a_time_to_a_channel()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var channels = new List<long>();
        for (var number = 0; number < 4; number++)
            channels.Add(await sending.ChannelAsync($"{receiver.Address}/{number}"));
        var rule = await alerts.AddQueryAsync("rocket", rule => rule with { Channels = [.. channels] });
        await alerts.StoreAsync([.. Enumerable.Range(0, 10).Select(number => alerts.Post($"p{number}", "rocket"))]);
        await alerts.EvaluateAsync();
        var store = new AlertDeliveryStore(alerts.Source);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            var dispatch = sending.New();
            // What is claimed by another is not due for this one.
            while (await store.CountDueAsync(alerts.Now, Cancel) > 0)
            {
                if (!await dispatch.SendNextAsync(Cancel))
                    await Task.Yield();
            }
        }));
        await sending.SendAllAsync();

        Assert.Equal(40, receiver.Messages.Count);
        Assert.Equal(40, receiver.Messages.Select(message => message.Delivery).Distinct().Count());
    }

    [Fact]
    public async Task What_a_process_that_died_had_claimed_is_sent_by_another_when_the_claim_ends()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);
        var store = new AlertDeliveryStore(alerts.Source);
        var claimed = await store.ClaimAsync(alerts.Now, TimeSpan.FromSeconds(60), Cancel);
        Assert.Null(await store.ClaimAsync(alerts.Now, TimeSpan.FromSeconds(60), Cancel));
        alerts.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await sending.Dispatch.SendNextAsync(Cancel));

        Assert.Equal(claimed!.PublicId.ToString(), Assert.Single(receiver.Messages).Delivery);
        // The dead one wakes up: what the other has done stays.
        await store.RecordAsync(claimed, new(false, 500, "late", alerts.Now, TimeSpan.Zero, null), Cancel);
        Assert.Equal("delivered", Assert.Single(await sending.DeliveriesAsync(channel)).State);
    }

    [Fact]
    public async Task Quiet_hours_and_digests_send_together_what_they_held_back_and_a_muted_rule_sends_nothing()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var quiet = await sending.ChannelAsync(receiver.Address + "/quiet");
        var digest = await sending.ChannelAsync(receiver.Address + "/digest");
        var muted = await sending.ChannelAsync(receiver.Address + "/muted");
        await alerts.AddQueryAsync("rocket", rule => rule with { Channels = [quiet], Quiet = new(new(12, 0), new(14, 0), "UTC") });
        await alerts.AddQueryAsync("rocket", rule => rule with { Channels = [digest], DigestMinutes = 60 });
        var silent = await alerts.AddQueryAsync("rocket", rule => rule with { Channels = [muted], MutedUntil = alerts.Now.AddHours(1) });
        for (var number = 0; number < 3; number++)
        {
            await alerts.StoreAsync(alerts.Post($"p{number}", "rocket"));
            await alerts.EvaluateAsync();
            await sending.SendAllAsync();
            alerts.Time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Empty(receiver.Messages);
        await alerts.StoreAsync(alerts.Post("p1", seenAt: alerts.Now.AddMinutes(-20), purge: new(alerts.Now.ToUnixTimeMilliseconds() * 1000, "author")));
        alerts.Time.Advance(TimeSpan.FromHours(2));
        await sending.SendAllAsync();
        Assert.Equal(["/hook/digest", "/hook/quiet"], receiver.Messages.Select(message => message.Path).Order());
        foreach (var received in receiver.Messages)
        {
            var message = JsonSerializer.Deserialize(received.Body, ContractsJsonContext.Default.AlertMessage)!;
            Assert.Equal(["p0", "p1", "p2"], message.Alerts.Select(alert => alert.PostId!));
            // What was purged between the alert and its sending.
            Assert.Null(message.Alerts[1].Post);
        }

        Assert.Equal(["p0", "p1", "p2"], await alerts.PostsAsync(silent));
        await alerts.StoreAsync(alerts.Post("later", "rocket"));
        await alerts.EvaluateAsync();
        await sending.SendAllAsync();
        Assert.Contains(receiver.Messages, message => message.Path == "/hook/muted");
    }

    [Fact]
    public async Task Slack_and_Discord_get_texts_that_call_nobody()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var slack = await sending.ChannelAsync(receiver.Address + "/slack", "slack", secret: null);
        var discord = await sending.ChannelAsync(receiver.Address + "/discord", "discord", secret: null);
        await alerts.AddQueryAsync("rocket", rule => rule with { Name = "Rockets", Channels = [slack, discord] });
        await alerts.StoreAsync(alerts.Post("a", "rocket <!channel> @everyone **x** & \n more"));
        await alerts.EvaluateAsync();
        await sending.SendAllAsync();

        var bodies = receiver.Messages.ToDictionary(message => message.Path, message => JsonDocument.Parse(message.Body).RootElement);
        Assert.All(receiver.Messages, message => Assert.Null(message.Signature));
        Assert.Contains(
            "rocket &lt;!channel&gt; @everyone **x** &amp;   more", bodies["/hook/slack"].GetProperty("text").GetString()!, StringComparison.Ordinal);
        Assert.Contains(@"rocket \<!channel\> \@everyone \*\*x\*\*", bodies["/hook/discord"].GetProperty("content").GetString()!, StringComparison.Ordinal);
        Assert.Equal(0, bodies["/hook/discord"].GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength());
    }

    [Fact]
    public async Task Of_a_channel_nothing_can_be_read_in_the_table_and_another_users_row_opens_nothing()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        using var sending = new Sending(alerts);
        await sending.ChannelAsync("https://hooks.example.org/a-secret-path", secret: "sfw_topsecret");
        var row = await alerts.Database.ScalarAsync<byte[]>("SELECT sealed FROM alert_channels");
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(row), StringComparison.Ordinal);
        Assert.Equal(new("https://hooks.example.org/a-secret-path", "sfw_topsecret"), await sending.Secrets.OpenAsync(alerts.Owner, row, Cancel));
        Assert.Null(await sending.Secrets.OpenAsync(Guid.NewGuid(), row, Cancel));
        using var other = new Sending(alerts, new() { SecretKey = new('k', 32) });
        Assert.Null(await other.Secrets.OpenAsync(alerts.Owner, row, Cancel));
        Assert.DoesNotContain("secret", (await sending.Secrets.OpenAsync(alerts.Owner, row, Cancel))!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_for_who_may_no_longer_have_alerts()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await using var receiver = await Receiver.StartAsync();
        using var sending = new Sending(alerts);
        var channel = await TestMessageAsync(alerts, sending, receiver.Address);
        await alerts.Database.ExecuteAsync("UPDATE users SET is_active = false");
        await sending.SendAllAsync();
        Assert.Empty(receiver.Messages);
        Assert.Equal("failed", Assert.Single(await sending.DeliveriesAsync(channel)).State);
    }

    [Fact]
    public void Pauses_grow_and_are_never_shorter_than_asked()
    {
        CsCheck.Check.Sample(CsCheck.Gen.Select(CsCheck.Gen.Int[1, 4], CsCheck.Gen.Double[0, 1], CsCheck.Gen.Int[0, 10_000]), (attempt, random, asked) =>
        {
            var pause = RetryPolicy.PauseAfter(attempt, TimeSpan.FromSeconds(asked), random)!.Value;
            Assert.True(pause >= TimeSpan.FromSeconds(Math.Min(asked, 3_600)) && pause <= TimeSpan.FromHours(1));
            Assert.True(attempt == 1 || RetryPolicy.PauseAfter(attempt, null, random) > RetryPolicy.PauseAfter(attempt - 1, null, 1));
        });
        Assert.Null(RetryPolicy.PauseAfter(5, TimeSpan.FromSeconds(1), 0));
    }

    private static async Task<long> TestMessageAsync(AlertDatabase alerts, Sending sending, string address)
    {
        var channel = await sending.ChannelAsync(address);
        await using var connection = await alerts.Source.OpenConnectionAsync(Cancel);
        Assert.NotNull(await AlertChannelStore.AddTestAsync(connection, channel, alerts.Now, Cancel));
        return channel;
    }

    private static Task Answer(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
