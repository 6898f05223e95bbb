using System.Diagnostics;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Processing.Alerts;

/// <summary>
/// Sends what is due, one message at a time. Whoever claims a message sends it; a crash in between ends with the claim, and the message is sent
/// again under the same id.
/// </summary>
internal sealed partial class AlertDispatch(
    AlertDeliveryStore deliveries,
    AlertStore alerts,
    ChannelSecrets secrets,
    AlertTransport transport,
    MailSender mail,
    AlertDeliveryMetrics metrics,
    TimeProvider time,
    ILogger<AlertDispatch> logger)
{
    // Longer than an attempt may take.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private const int MostInOneMessage = 50;

    /// <returns>False: nothing is due.</returns>
    public async Task<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        if (await deliveries.ClaimAsync(time.GetUtcNow(), Lease, cancellationToken) is not { } delivery)
            return false;
        using var activity = ProcessingMetrics.Activities.StartActivity("alert delivery");
        activity?.SetTag("signalflow.channel", delivery.ChannelKind);
        var started = time.GetTimestamp();
        var result = await SendAsync(delivery, cancellationToken);
        var elapsed = time.GetElapsedTime(started);

        var now = time.GetUtcNow();
        var pause = result.CanRetry ? RetryPolicy.PauseAfter(delivery.Attempt, result.RetryAfter, Random.Shared.NextDouble()) : null;
        await deliveries.RecordAsync(
            delivery, new(result.Error is null, result.Status, result.Error, now, elapsed, result.Error is null ? null : now + pause), cancellationToken);
        var outcome = result.Error is null ? AlertDeliveryMetrics.Delivered : pause is null ? AlertDeliveryMetrics.Failed : AlertDeliveryMetrics.Retried;
        metrics.Attempted(delivery.ChannelKind, outcome, elapsed);
        if (result.Error is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, result.Error);
            LogNotSent(
                pause is null ? LogLevel.Warning : LogLevel.Information,
                delivery.PublicId, delivery.ChannelId, delivery.Attempt, result.Status, result.Error);
        }

        return true;
    }

    private async Task<SendResult> SendAsync(ClaimedDelivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.Attempt > RetryPolicy.MostAttempts)
            return new(null, "Its attempts have been used up.");
        if (!delivery.MaySend)
            return new(null, "The channel is switched off, or its owner may no longer have alerts.");
        if (await secrets.OpenAsync(delivery.UserId, delivery.SealedTarget, cancellationToken) is not { } target)
            return new(null, "The target was encrypted with another key; give it again.");

        var message = await MessageAsync(delivery, cancellationToken);
        if (delivery.ChannelKind == "email")
        {
            var (subject, text) = AlertBodies.Mail(message);
            return await mail.SendAsync(target.Address, delivery.PublicId, subject, text, cancellationToken);
        }

        var body = delivery.ChannelKind switch
        {
            "slack" => AlertBodies.Slack(message),
            "discord" => AlertBodies.Discord(message),
            _ => AlertBodies.Webhook(message),
        };
        return await transport.PostAsync(new(target.Address), delivery.PublicId, body, target.Secret, cancellationToken);
    }

    // Read when it is sent: a post that was purged meanwhile is no longer in it.
    private async Task<AlertMessage> MessageAsync(ClaimedDelivery delivery, CancellationToken cancellationToken) => new(
        delivery.PublicId,
        delivery.RuleId is null ? "test" : "alerts",
        delivery.CreatedAt,
        delivery is { RuleId: { } id, RuleName: { } name, RuleKind: { } kind } ? new(id, name, kind) : null,
        delivery.AlertIds.Length,
        await alerts.LoadAsync(delivery.AlertIds, MostInOneMessage, cancellationToken));

    [LoggerMessage("Alert delivery {Delivery} to channel {Channel}, attempt {Attempt}: status {Status}; {Reason}")]
    private partial void LogNotSent(LogLevel level, Guid delivery, long channel, int attempt, int? status, string reason);
}
