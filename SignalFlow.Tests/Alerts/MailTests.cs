using System.Net;
using System.Net.Sockets;
using SignalFlow.Storage.Alerts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class MailTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_goes_through_the_configured_server()
    {
        var lines = await MailAsync("Rockets", "A rocket\r\nBcc: everybody@example.org");

        Assert.Contains("RCPT TO:<ana@example.org>", lines);
        Assert.Contains("To: ana@example.org", lines);
        Assert.Contains("Subject: [SignalFlow] Rockets", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Bcc:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mail_is_plain_text_with_one_subject()
    {
        // The API takes no such name.
        var lines = await MailAsync("Rockets\r\nBcc: everybody@example.org\r\n\r\n<b>", "<b>A</b> rocket");

        Assert.Contains("Content-Type: text/plain; charset=utf-8", lines);
        Assert.Contains("RCPT TO:<ana@example.org>", lines);
        Assert.DoesNotContain(lines, line =>
            line.StartsWith("Bcc:", StringComparison.Ordinal) || line.StartsWith("RCPT TO:<everybody", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("Subject:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("550 No such user", "failed")]
    [InlineData("451 Later", "pending")]
    public async Task What_the_server_refuses_for_good_is_given_up(string answer, string state)
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var taken = TakeAsync(server, answer);
        using var sending = Sending(alerts, server);
        var channel = await sending.ChannelAsync("ana@example.org", "email", secret: null);
        await alerts.AddQueryAsync("rocket", rule => rule with { Channels = [channel] });
        await alerts.StoreAsync(alerts.Post("a", "rocket"));
        await alerts.EvaluateAsync();
        await sending.SendAllAsync();
        await taken;
        Assert.Equal(state, Assert.Single(await sending.DeliveriesAsync(channel)).State);
    }

    private static Sending Sending(AlertDatabase alerts, TcpListener server) => new(alerts, new AlertOptions
    {
        Smtp = new() { Host = "127.0.0.1", Port = ((IPEndPoint)server.LocalEndpoint).Port, Security = "none", From = "signalflow@example.org" },
    });

    /// <summary>As much of SMTP as one message needs.</summary>
    /// <summary>What the server is told of a rule's alert about a post, once it is delivered.</summary>
    private async Task<IReadOnlyList<string>> MailAsync(string rule, string title)
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var taken = TakeAsync(server, "250 Ok");
        using var sending = Sending(alerts, server);
        var channel = await sending.ChannelAsync("ana@example.org", "email", secret: null);
        await alerts.AddQueryAsync("rocket", query => query with { Name = rule, Channels = [channel] });
        await alerts.StoreAsync(alerts.Post("a", title));
        await alerts.EvaluateAsync();
        await sending.SendAllAsync();

        Assert.Equal("delivered", Assert.Single(await sending.DeliveriesAsync(channel)).State);
        return await taken;
    }

    private static async Task<List<string>> TakeAsync(TcpListener server, string recipientAnswer)
    {
        using var client = await server.AcceptTcpClientAsync(Cancel);
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\r\n" };
        var lines = new List<string>();
        await writer.WriteLineAsync("220 here");
        var isData = false;
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            lines.Add(line);
            if (isData && line != ".")
                continue;
            isData = line == "DATA";
            var answer = isData ? "354 Go on" : line.StartsWith("RCPT", StringComparison.Ordinal) ? recipientAnswer : line == "QUIT" ? "221 Bye" : "250 Ok";
            await writer.WriteLineAsync(answer);
            if (line == "QUIT")
                break;
        }

        return lines;
    }
}
