using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>Where alerts of whoever looks are sent to.</summary>
public sealed partial class ChannelTable
{
    private IReadOnlyList<AlertChannelView>? _channels;
    private DateTimeOffset _at;
    private (string What, string Text)? _secret;
    private long? _log;
    private Guid? _test;

    // As it was when the edit began: what is changed elsewhere meanwhile is not written over.
    private AlertChannelView? _edit;
    private string _editName = "";
    private string _editTarget = "";
    private RequestProblem? _editProblem;

    protected override async Task ReadAsync()
    {
        _channels = (await Api.GetAlertChannelsAsync(Closing)).Results;
        _at = Time.GetUtcNow();
    }

    private static string Verb(AlertChannelView channel) => channel.Active ? "Pause" : "Resume";

    private string? Invalid(string field) => _editProblem?.Of(field) is null ? null : "true";

    private void OpenLog(AlertChannelView channel) => (_log, _test) = (_log == channel.Id ? null : channel.Id, null);

    private void OpenEdit(AlertChannelView channel) =>
        (_edit, _editName, _editTarget, _editProblem, ChangeProblem) = (_edit?.Id == channel.Id ? null : channel, channel.Name, "", null, null);

    private async Task<RequestProblem?> AddAsync(AlertChannelDefinition channel)
    {
        if (!await ChangeAsync(
                async () => Show(await Api.AddAlertChannelAsync(channel, Closing)),
                () => $"The channel “{channel.Name}” is added. Send it a test."))
        {
            var problem = ChangeProblem;
            if (problem?.Errors.Count > 0)
                ChangeProblem = null;
            // The form that asked is drawn by itself, but not what is around it.
            StateHasChanged();
            return problem;
        }

        await RefreshAsync();
        return null;
    }

    private async Task SaveAsync()
    {
        if (IsBusy || _edit is not { } edit)
            return;
        var target = _editTarget.Trim();
        var change = new AlertChannelDefinition { Name = _editName.Trim(), Target = target.Length == 0 ? null : target, Active = edit.Active };
        _editProblem = null;
        if (await ChangeAsync(
                async () => Show(await Api.ReplaceAlertChannelAsync(edit.Id, edit.Version, change, Closing)),
                () => $"The channel “{change.Name}” is changed."))
        {
            _edit = null;
            await RefreshAsync();
        }
        else if (ChangeProblem?.Errors.Count > 0)
        {
            (_editProblem, ChangeProblem) = (ChangeProblem, null);
        }
    }

    private async Task ToggleAsync(AlertChannelView channel)
    {
        var change = new AlertChannelDefinition { Name = channel.Name, Active = !channel.Active };
        await ChangeAsync(
            () => Api.ReplaceAlertChannelAsync(channel.Id, channel.Version, change, Closing),
            () => channel.Active ? $"“{channel.Name}” is paused: nothing is sent to it." : $"“{channel.Name}” is in use again.");
        await RefreshAsync();
    }

    private async Task DeleteAsync(AlertChannelView channel)
    {
        await ChangeAsync(() => Api.DeleteAlertChannelAsync(channel.Id, channel.Version, Closing), () => $"“{channel.Name}” is deleted.");
        await RefreshAsync();
    }

    private async Task TestAsync(AlertChannelView channel)
    {
        Guid? test = null;
        if (await ChangeAsync(async () => test = await Api.TestAlertChannelAsync(channel.Id, Closing), () => ""))
            (_log, _test) = (channel.Id, test);
    }

    private void Show(CreatedAlertChannel made)
    {
        if (made.Secret is { } secret)
            _secret = ($"Secret that messages to “{made.Channel.Name}” are signed with", secret);
    }
}
