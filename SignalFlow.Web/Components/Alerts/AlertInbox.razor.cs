using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>The alerts of whoever looks. Filter and page are in the address.</summary>
public sealed partial class AlertInbox
{
    private const int PageSize = 50;

    private InboxQuery _query = new();
    private AlertPage? _page;
    private IReadOnlyList<AlertRuleView> _rules = [];
    private DateTimeOffset _at;
    private bool _tells;

    [Inject] internal NewAlerts Count { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    private InboxQuery? Newer => _query.At(_page?.Previous);

    private InboxQuery? Older => _query.At(_page?.Next);

    protected override void OnInitialized()
    {
        _query = InboxQuery.FromUri(Navigation.Uri);
        Navigation.LocationChanged += OnLocationChanged;
        Count.Changed += OnCountChanged;
    }

    protected override async Task ReadAsync()
    {
        var query = _query;
        var rules = Api.GetAlertRulesAsync(Closing);
        var page = await Api.GetAlertsAsync(query.Rule, query.All ? null : "new", query.Cursor, PageSize, Closing);
        _rules = (await rules).Results;
        // Somebody may have gone on meanwhile.
        if (query == _query)
            (_page, _at) = (page, Time.GetUtcNow());
    }

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= OnLocationChanged;
        Count.Changed -= OnCountChanged;
        base.Dispose(disposing);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(async () =>
    {
        if (Closing.IsCancellationRequested || new Uri(change.Location).AbsolutePath != "/alerts")
            return;
        (_query, Done, ChangeProblem) = (InboxQuery.FromUri(change.Location), "", null);
        await RefreshAsync();
    });

    // There are others than before, also in the list; but nobody's place in an older page is taken away.
    private void OnCountChanged() => _ = InvokeAsync(async () =>
    {
        if (!_tells && !IsBusy && _page is not null && _query.Cursor.Length == 0 && !Closing.IsCancellationRequested)
            await RefreshAsync();
    });

    private void FilterByRule(ChangeEventArgs change) => Navigation.NavigateTo((_query with
    {
        Rule = long.TryParse(change.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var rule) ? rule : null,
        Cursor = "",
    }).ToUri());

    private async Task AcknowledgeAsync(AlertView alert)
    {
        if (await ChangeAsync(() => Api.AcknowledgeAlertAsync(alert.Id, Closing), () => "One alert is acknowledged."))
            await TellAsync();
    }

    private async Task AcknowledgeAllAsync()
    {
        var count = 0;
        if (await ChangeAsync(
                async () => count = await Api.AcknowledgeAlertsAsync(Closing),
                () => count == 1 ? "One alert is acknowledged." : string.Create(CultureInfo.InvariantCulture, $"{count} alerts are acknowledged.")))
            await TellAsync();
    }

    private async Task TellAsync()
    {
        await RefreshAsync();
        _tells = true;
        await TryAsync(() => Count.RefreshAsync(atOnce: true, Closing));
        _tells = false;
    }
}
