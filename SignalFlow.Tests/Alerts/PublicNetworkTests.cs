using System.Net;
using SignalFlow.Processing.Alerts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class PublicNetworkTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1"), InlineData("127.255.255.254"), InlineData("0.0.0.0"), InlineData("10.1.2.3"),
        InlineData("172.16.0.1"), InlineData("172.31.255.255")]
    [InlineData("192.168.1.1"), InlineData("169.254.169.254"), InlineData("100.64.0.1"), InlineData("192.0.0.1"),
        InlineData("198.18.0.1"), InlineData("224.0.0.1")]
    [InlineData("255.255.255.255"), InlineData("203.0.113.5"), InlineData("::1"), InlineData("::"),
        InlineData("fe80::1"), InlineData("fc00::1"), InlineData("fd12:3456::1")]
    [InlineData("fd00:ec2::254"), InlineData("ff02::1"), InlineData("::ffff:127.0.0.1"), InlineData("::ffff:10.0.0.1"),
        InlineData("64:ff9b::7f00:1"), InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378::1"), InlineData("2001:db8::1"), InlineData("::127.0.0.1"), InlineData("fec0::1")]
    public void These_are_no_addresses_of_the_Internet(string address) => Assert.False(PublicNetwork.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1"), InlineData("8.8.8.8"), InlineData("172.32.0.1"), InlineData("192.169.0.1"), InlineData("11.0.0.1"), InlineData("100.128.0.1")]
    [InlineData("2606:4700:4700::1111"), InlineData("2a00:1450:4001:82a::200e"), InlineData("::ffff:8.8.8.8")]
    public void These_are(string address) => Assert.True(PublicNetwork.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f.1:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    public async Task Whatever_it_is_called_this_machine_is_not_asked(string target)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        using var sending = new Sending(alerts, new AlertOptions());
        var attempt = await SendAsync(alerts, sending, string.Format(null, target, receiver.Port));
        Assert.Empty(receiver.Messages);
        Assert.Contains("Alerts:AllowPrivateTargets", attempt.Error!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_changes_its_address_after_it_was_checked_gains_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var asked = 0;
        // Public for whoever looks first, then this machine.
        using var sending = new Sending(alerts, new AlertOptions(), (_, _) =>
            Task.FromResult<IPAddress[]>(++asked == 1 ? [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("1.1.1.1")] : [IPAddress.Loopback]));
        await SendAsync(alerts, sending, $"http://rebinding.example.org:{receiver.Port}/");
        Assert.Equal(1, asked);
        Assert.Empty(receiver.Messages);
    }

    [Fact]
    public async Task One_address_of_the_network_among_public_ones_is_one_too_many()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        using var sending = new Sending(alerts, new AlertOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]));
        var attempt = await SendAsync(alerts, sending, $"http://mixed.example.org:{receiver.Port}/");
        Assert.Contains("Alerts:AllowPrivateTargets", attempt.Error!, StringComparison.Ordinal);
        Assert.Empty(receiver.Messages);
    }

    private static async Task<Contracts.AlertAttemptView> SendAsync(AlertDatabase alerts, Sending sending, string target)
    {
        var channel = await sending.ChannelAsync(target);
        await using (var connection = await alerts.Source.OpenConnectionAsync(Cancel))
            await AlertChannelStore.AddTestAsync(connection, channel, alerts.Now, Cancel);
        await sending.SendAllAsync();
        return Assert.Single(Assert.Single(await sending.DeliveriesAsync(channel)).Attempts);
    }
}
