using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>The rules of whoever looks.</summary>
public sealed partial class RuleTable
{
    private IReadOnlyList<AlertRuleView>? _rules;
    private IReadOnlyList<AlertChannelView> _channels = [];
    private DateTimeOffset _at;

    protected override async Task ReadAsync()
    {
        var channels = Api.GetAlertChannelsAsync(Closing);
        var rules = (await Api.GetAlertRulesAsync(Closing)).Results;
        _channels = (await channels).Results;
        (_rules, _at) = (rules, Time.GetUtcNow());
    }

    private string NamesOf(AlertRuleView rule) =>
        string.Join(", ", _channels.Where(channel => rule.Rule.Channels?.Contains(channel.Id) == true).Select(channel => channel.Name));

    private Task MuteAsync(AlertRuleView rule, TimeSpan? span) => ThenReadAsync(
        () => Api.MuteAlertRuleAsync(rule.Id, span is { } length ? Time.GetUtcNow() + length : RuleWords.NeverMind, Closing),
        $"“{rule.Rule.Name}” is muted: its alerts are listed and not sent.");

    private Task UnmuteAsync(AlertRuleView rule) =>
        ThenReadAsync(() => Api.MuteAlertRuleAsync(rule.Id, null, Closing), $"“{rule.Rule.Name}” is not muted any more.");

    private Task ToggleAsync(AlertRuleView rule)
    {
        var active = rule.Rule.Active == false;
        return ThenReadAsync(
            () => Api.ReplaceAlertRuleAsync(rule.Id, rule.Version, rule.Rule with { Active = active }, Closing),
            active ? $"“{rule.Rule.Name}” is at work again." : $"“{rule.Rule.Name}” rests.");
    }

    private Task DeleteAsync(AlertRuleView rule) =>
        ThenReadAsync(() => Api.DeleteAlertRuleAsync(rule.Id, rule.Version, Closing), $"“{rule.Rule.Name}” is deleted, with its alerts.");

    // Also after a refusal: what was changed elsewhere is shown beside it.
    private async Task ThenReadAsync(Func<Task> change, string done)
    {
        await ChangeAsync(change, () => done);
        await RefreshAsync();
    }
}
