using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

/// <summary>Dead letters to look at, to replay and to discard. Filter, page and the open letter are in the address.</summary>
public sealed partial class DeadLetterInbox : IDisposable
{
    // The API takes no more at a time.
    private const int MostSelected = 1_000;

    private readonly CancellationTokenSource _closed = new();
    private readonly HashSet<long> _selected = [];
    private CancellationToken _closing;
    private Latest<DeadLetterPage> _page = null!;
    private Latest<DeadLetterStats> _stats = null!;
    private LetterOperation _operation = null!;
    private DeadLetterQuery _query = new();
    private string _address = "";
    private DeadLetterDetail? _detail;
    private long? _detailOf;
    private int _beat;
    private bool _refreshing;
    private bool _isBehind;

    /// <summary>Changes when it is time to ask again.</summary>
    [Parameter, EditorRequired]
    public required int Beat { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    private DateTimeOffset Now => Time.GetUtcNow();

    private string State => _page.Failure is not null ? "away" : _page.Value is null ? "loading" : _operation.IsBusy ? "busy" : "ready";

    private bool IsWholePageSelected => _page.Value is { Results: { Count: > 0 } letters } && letters.All(letter => _selected.Contains(letter.Id));

    private LetterActionsState ActionsState =>
        new(_operation, _selected, _query.IsFiltered ? _query.Conditions(Now) : null, _closing);

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _closed.Cancel();
        _closed.Dispose();
    }

    protected override void OnInitialized()
    {
        _closing = _closed.Token;
        _page = new("dead letters", token => Api.ListDeadLettersAsync(_query.ToApiQuery(Now), token), Time);
        _stats = new("dead letters", Api.GetDeadLetterStatsAsync, Time);
        _operation = new(Api, () => _ = InvokeAsync(StateHasChanged));
        Read(Navigation.Uri);
        Navigation.LocationChanged += OnLocationChanged;
    }

    protected override Task OnParametersSetAsync()
    {
        if (_beat == Beat)
            return Task.CompletedTask;
        _beat = Beat;
        return RefreshAsync();
    }

    private void Read(string uri) => (_address, _query) = (uri, DeadLetterQuery.FromUri(uri));

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(async () =>
    {
        if (_closing.IsCancellationRequested || OpsView.FromUri(change.Location) != OpsView.DeadLetters)
            return;
        Read(change.Location);
        // What was counted and selected belongs to what was shown.
        _operation.Cancel();
        StateHasChanged();
        await RefreshAsync();
    });

    private async Task RefreshAsync()
    {
        // Somebody is asking already; what has changed meanwhile is asked for afterwards.
        _isBehind = true;
        if (_refreshing)
            return;
        _refreshing = true;
        try
        {
            while (_isBehind && !_closing.IsCancellationRequested)
            {
                _isBehind = false;
                await Task.WhenAll(_page.RefreshAsync(_closing), _stats.RefreshAsync(_closing));
                await LoadDetailAsync();
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The page is closed.
            return;
        }
        finally
        {
            _refreshing = false;
        }

        StateHasChanged();
    }

    private async Task LoadDetailAsync()
    {
        if (_query.Letter is not { } id)
        {
            (_detail, _detailOf) = (null, null);
            return;
        }

        // Content may be large, and is asked for again only when something has become of the letter.
        if (_detailOf == id && _page.Value?.Results.FirstOrDefault(letter => letter.Id == id) is var listed && listed?.UpdatedAt == _detail?.UpdatedAt)
            return;
        try
        {
            (_detail, _detailOf) = (await Api.FindDeadLetterAsync(id, _closing), id);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !_closing.IsCancellationRequested)
        {
            // The list says that the API is away; the next refresh asks again.
        }
    }

    private void Select(long id, bool isSelected)
    {
        if (!isSelected)
            _selected.Remove(id);
        else if (_selected.Count < MostSelected)
            _selected.Add(id);
    }

    private void SelectPage(ChangeEventArgs change)
    {
        foreach (var letter in _page.Value?.Results ?? [])
            Select(letter.Id, change.Value is true);
    }

    private async Task ReplayOneAsync(DeadLetterView letter)
    {
        if (_operation.IsBusy)
            return;
        await _operation.RunAsync(new LetterSelection([letter.Id], Force: letter.State == "parked"), _closing);
        await RefreshAsync();
    }

    private Task DoneAsync()
    {
        if (!_operation.HasFailed)
            _selected.Clear();
        return RefreshAsync();
    }
}
