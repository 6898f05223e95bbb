using System.Net;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>One rule, new or present: its fields, what it would have fired on, and the way into the list.</summary>
public sealed partial class RuleEditor
{
    private RuleDraft? _draft;
    private AlertRuleView? _rule;
    private IReadOnlyList<AlertChannelView> _channels = [];
    private RequestProblem? _problem;
    private AlertPreviewView? _preview;
    private string _tried = "";
    private string _triedForAll = "";
    private bool _isGone;
    private bool _isStale;
    private bool _isTrying;
    private bool _seeks;
    private ElementReference _form;
    private DateTimeOffset _at;

    /// <summary>Null: a new one.</summary>
    [Parameter, EditorRequired]
    public required long? Id { get; set; }

    /// <summary>Of a new one.</summary>
    [Parameter, EditorRequired]
    public required RuleBeginning Begin { get; set; }

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    [Inject] internal IJSRuntime JS { get; set; } = null!;

    private string State => ReadProblem is not null ? "problem" : _isGone ? "gone" : _draft is null ? "loading" : "ready";

    /// <summary>What was tried is what now stands in the fields.</summary>
    private bool IsPreviewOfDraft => _preview is not null && _tried == _draft!.Fingerprint(withSensitivity: true);

    protected override async Task ReadAsync()
    {
        var channels = Api.GetAlertChannelsAsync(Closing);
        try
        {
            if (Id is { } id)
            {
                _rule = await Api.GetAlertRuleAsync(id, Closing);
                _draft = RuleDraft.Of(_rule.Rule);
            }
        }
        catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            _isGone = true;
        }

        _channels = (await channels).Results;
        _at = Time.GetUtcNow();
        if (Id is null)
            _draft ??= RuleDraft.Of(Begin);
        // One that was removed meanwhile is not chosen.
        _draft?.Channels.IntersectWith(_channels.Select(channel => channel.Id));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (!_seeks)
            return;
        _seeks = false;
        await AskBrowserAsync(browser => browser.InvokeVoidAsync("seekProblem", Closing, _form));
    }

    /// <summary>How many alerts to expect; null: that was not tried, or something else was.</summary>
    private string? Expected(string sensitivity) =>
        _preview is { } preview && _triedForAll == _draft!.Fingerprint(withSensitivity: false) && preview.PerDay.TryGetValue(sensitivity, out var count)
            ? RuleWords.PerDay(count) : null;

    private string? Invalid(string field) => _problem?.Of(field) is null ? null : "true";

    private void Choose(long channel, bool wanted)
    {
        if (wanted)
            _draft!.Channels.Add(channel);
        else
            _draft!.Channels.Remove(channel);
    }

    private async Task ChooseQuietHoursAsync(ChangeEventArgs change)
    {
        _draft!.HasQuietHours = change.Value is true;
        if (!_draft.HasQuietHours || _draft.TimeZone.Length > 0)
            return;
        // Whose nights they are, the browser knows best.
        await AskBrowserAsync(async browser => _draft.TimeZone = await browser.InvokeAsync<string>("timeZone", Closing) is { Length: > 0 } zone ? zone : "UTC");
    }

    private async Task AskBrowserAsync(Func<IJSObjectReference, ValueTask> ask)
    {
        try
        {
            await using var browser = await JS.InvokeAsync<IJSObjectReference>("import", Closing, "./" + Assets["admin.js"]);
            await ask(browser);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser has gone.
        }
    }

    private async Task TryItAsync()
    {
        if (IsBusy)
            return;
        if (!_draft!.TryReadCondition(out var rule, out _problem))
        {
            _seeks = true;
            return;
        }

        var (tried, triedForAll) = (_draft.Fingerprint(withSensitivity: true), _draft.Fingerprint(withSensitivity: false));
        _isTrying = true;
        AlertPreviewView? preview = null;
        var done = await ChangeAsync(async () => preview = await Api.PreviewAlertRuleAsync(rule, Closing), () => "");
        _isTrying = false;
        if (done)
            (_preview, _tried, _triedForAll, _at) = (preview, tried, triedForAll, Time.GetUtcNow());
        else
            SayAtFields();
    }

    private async Task SaveAsync()
    {
        if (IsBusy)
            return;
        if (!_draft!.TryRead(out var rule, out _problem))
        {
            _seeks = true;
            return;
        }

        _isStale = false;
        if (await ChangeAsync(() => SendAsync(rule), () => $"The rule “{rule.Name}” is saved."))
            Navigation.NavigateTo("/alerts/rules");
        else
            SayAtFields();
    }

    private async Task SendAsync(AlertRuleDefinition rule)
    {
        try
        {
            if (_rule is { } present)
                await Api.ReplaceAlertRuleAsync(present.Id, present.Version, rule, Closing);
            else
                await Api.AddAlertRuleAsync(rule, Closing);
        }
        catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            _isStale = true;
            throw;
        }
    }

    private async Task ReadAgainAsync()
    {
        (_isStale, _problem, ChangeProblem, _preview) = (false, null, null, null);
        await RefreshAsync();
    }

    // What is wrong with a field is said beside it, which may be far from the button.
    private void SayAtFields()
    {
        if (ChangeProblem?.Errors.Count > 0)
            (_problem, ChangeProblem, _seeks) = (ChangeProblem, null, true);
    }
}
