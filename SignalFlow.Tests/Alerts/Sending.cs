using System.Net;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing.Alerts;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Tests.Alerts;

/// <summary>What sends the alerts of a database, as processing has it.</summary>
internal sealed class Sending : IDisposable
{
    private readonly AlertDatabase _alerts;
    private readonly AlertTransport _transport;

    public Sending(AlertDatabase alerts, AlertOptions? options = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _alerts = alerts;
        Options = options ?? new AlertOptions { AllowPrivateTargets = true };
        Secrets = new(new SigningKeyStore(alerts.Source), Microsoft.Extensions.Options.Options.Create(Options), alerts.Time);
        _transport = new(new PublicNetwork(Options.AllowPrivateTargets, resolve ?? Dns.GetHostAddressesAsync), alerts.Time);
        Dispatch = New();
    }

    public AlertOptions Options { get; }

    public ChannelSecrets Secrets { get; }

    public AlertDispatch Dispatch { get; }

    public FakeLogCollector Log { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public AlertDispatch New() => new(
        new(_alerts.Source), new(_alerts.Source), Secrets, _transport, new(new OptionsWrapper<AlertOptions>(Options), _alerts.Time),
        new(_alerts.Meters), _alerts.Time, new FakeLogger<AlertDispatch>(Log));

    public async Task<long> ChannelAsync(string target, string kind = "webhook", string? secret = "a secret", Guid? owner = null)
    {
        await using var connection = await _alerts.Source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        var user = owner ?? _alerts.Owner;
        var (_, channel) = await AlertChannelStore.AddAsync(
            connection,
            new(
                0, user, Guid.NewGuid().ToString(), kind, "hint", await Secrets.SealAsync(user, new(target, secret), Cancel), true,
                _alerts.Now, _alerts.Now, 0),
            20, Cancel);
        await transaction.CommitAsync(Cancel);
        return channel!.Id;
    }

    public async Task<IReadOnlyList<AlertDeliveryView>> DeliveriesAsync(long channel) =>
        await AlertChannelStore.DeliveriesAsync(_alerts.Source, _alerts.Owner, channel, Cancel);

    /// <summary>Sends until nothing is due.</summary>
    public async Task SendAllAsync()
    {
        while (await Dispatch.SendNextAsync(Cancel))
        {
        }
    }

    public void Dispose() => _transport.Dispose();
}
