using System.Globalization;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Ops;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>Channels and what was sent to them, as people read it.</summary>
internal static class ChannelWords
{
    public static readonly IReadOnlyList<(string Value, string Words)> Kinds =
        [("webhook", "Webhook"), ("slack", "Slack"), ("discord", "Discord"), ("email", "Mail")];

    public static string Kind(string kind) => Kinds.FirstOrDefault(known => known.Value == kind).Words ?? kind;

    /// <summary>What a target of the kind looks like.</summary>
    public static string Example(string kind) => kind switch
    {
        "slack" => "https://hooks.slack.com/services/…",
        "discord" => "https://discord.com/api/webhooks/…",
        "email" => "ana@example.org",
        _ => "https://example.org/hook",
    };

    public static string Help(string kind) => kind switch
    {
        "slack" or "discord" => "The address of an incoming webhook; whoever knows it can write there, so it is not shown again.",
        "email" => "Where the operator has set a mail server.",
        _ => "Gets JSON that is signed with a secret, which is shown once when the channel is made.",
    };

    public static (string Words, string Class, StatusGroup Group) State(AlertDeliveryView delivery) => delivery.State switch
    {
        "delivered" => ("Delivered", "ops-good", StatusGroup.Good),
        "failed" => ("Failed", "ops-trouble", StatusGroup.Trouble),
        _ => ("Waits", "ops-waiting", StatusGroup.Waiting),
    };

    /// <summary>"answer 200 after 35 ms".</summary>
    public static string Attempt(AlertAttemptView attempt)
    {
        var answer = attempt.Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"answer {status}") : "no answer";
        var words = string.Create(CultureInfo.InvariantCulture, $"{answer} after {attempt.DurationMs:N0} ms");
        return attempt.Error is { Length: > 0 } error ? $"{words}: {error}" : words;
    }

    /// <summary>What a message says.</summary>
    public static string Content(AlertDeliveryView delivery) => (delivery.RuleId, delivery.AlertIds.Count) switch
    {
        (null, _) => "Test",
        (_, 1) => "One alert",
        (_, var count) => string.Create(CultureInfo.InvariantCulture, $"{count} alerts"),
    };

    /// <summary>How a test has ended; null: it has not.</summary>
    public static string? Outcome(AlertDeliveryView test) => test.State switch
    {
        "delivered" => $"The test has arrived: {Last(test)}.",
        "failed" => $"The test has failed: {Last(test)}.",
        _ => null,
    };

    private static string Last(AlertDeliveryView delivery) => delivery.Attempts is [.., var last] ? Attempt(last).TrimEnd('.') : "it was not sent";
}
