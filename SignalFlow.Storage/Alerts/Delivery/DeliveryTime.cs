using System.Globalization;
using SignalFlow.Storage.Alerts.Rules;

namespace SignalFlow.Storage.Alerts.Delivery;

/// <summary>When an alert is sent, and with which others.</summary>
/// <param name="Bundle">Alerts of one channel that have the same are sent together.</param>
internal readonly record struct DeliveryTime(string Bundle, DateTimeOffset DueAt)
{
    /// <summary>What quiet hours hold back is sent as one when they end.</summary>
    public static DeliveryTime Of(AlertRule rule, long alertId, DateTimeOffset now)
    {
        var due = rule.Definition.DigestMinutes is { } minutes ? NextMultiple(now, TimeSpan.FromMinutes(minutes)) : now;
        due = rule.Definition.Quiet?.EndOf(due) ?? due;
        return due == now ? new(Single(alertId), now) : new(string.Create(CultureInfo.InvariantCulture, $"digest:{rule.Id}:{due.ToUnixTimeSeconds()}"), due);
    }

    public static string Single(long alertId) => string.Create(CultureInfo.InvariantCulture, $"alert:{alertId}");

    // Always later than now, and of all processes the same.
    private static DateTimeOffset NextMultiple(DateTimeOffset now, TimeSpan span) =>
        new(now.UtcTicks - now.UtcTicks % span.Ticks + span.Ticks, TimeSpan.Zero);
}
