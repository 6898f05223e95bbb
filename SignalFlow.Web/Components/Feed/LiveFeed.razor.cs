using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Feed;

/// <summary>
/// The stream of posts as it happens. Held (paused, or scrolled away from the top), rows keep their places and change only
/// their figures; new posts are counted and come in at once when the viewer goes live again.
/// </summary>
public sealed partial class LiveFeed : IAsyncDisposable
{
    /// <summary>Pixels; a first guess that the browser corrects by measuring (rows are higher on a phone). See feed.css.</summary>
    private const float RowHeight = 56;

    private const int FirstPaintRows = 24;

    /// <summary>Typing is over when this long no key was pressed; then the filter goes into the address.</summary>
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan SortEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnnounceEvery = TimeSpan.FromSeconds(10);

    private readonly FeedWindow _window = new();
    private FeedFilter _filter = FeedFilter.None;
    private FeedSummary _summary = FeedSummary.Of([], default);
    private DateTimeOffset _now;
    private bool _paused;
    private bool _atTop = true;
    private bool _pointerInside;
    private bool _focusInside;
    private DateTimeOffset _sortedAt;
    private bool _attached;
    private bool _disposed;
    private string _announcement = "";
    private int _unannounced;
    private DateTimeOffset _announcedAt;
    private int _titledWaiting;
    private DateTimeOffset? _filteredAt;
    private ElementReference _element;
    private IDisposable? _subscription;
    private DotNetObjectReference<LiveFeed>? _self;
    private IJSObjectReference? _browser;

    [Inject] internal PostFeed Feed { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    [Inject] internal IJSRuntime JS { get; set; } = null!;

    [Inject] internal ReadingCheck Reading { get; set; } = null!;

    // Whoever walks through the rows by keyboard does not lose the row.
    private bool Held => _paused || !_atTop || _focusInside;

    /// <summary>In the order of a changing value rows move seldom, and never under the pointer.</summary>
    private bool MayMove => _filter.Sort == FeedSort.New || (!_pointerInside && _now - _sortedAt >= SortEvery);

    protected override void OnInitialized()
    {
        _filter = FeedFilter.FromUri(Navigation.Uri);
        _announcedAt = Time.GetUtcNow();
        Update();
        _unannounced = 0;
        if (!RendererInfo.IsInteractive)
            return;
        Navigation.LocationChanged += OnLocationChanged;
        _subscription = Feed.OnChanged(() => InvokeAsync(RefreshAsync));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;

        _self = DotNetObjectReference.Create(this);
        _browser = await JS.InvokeAsync<IJSObjectReference>("import", "./" + Assets["feed.js"]);
        // Whoever clicks at once has left the page meanwhile.
        if (_disposed)
            return;
        await _browser.InvokeVoidAsync("attach", _element, _self);
        _attached = true;
        StateHasChanged();
    }

    /// <summary>Called by feed.js when the list is scrolled away from its top or back to it.</summary>
    [JSInvokable]
    public Task OnScrolledAsync(bool atTop)
    {
        _atTop = atTop;
        return RefreshAsync();
    }

    /// <summary>Called by feed.js when the pointer or the focus comes into the rows or leaves them.</summary>
    [JSInvokable]
    public Task OnEngagedAsync(bool pointerInside, bool focusInside)
    {
        var wasHeld = Held;
        (_pointerInside, _focusInside) = (pointerInside, focusInside);
        return wasHeld == Held ? Task.CompletedTask : RefreshAsync();
    }

    /// <summary>Called by the button, and by feed.js for the space bar.</summary>
    [JSInvokable]
    public Task TogglePauseAsync()
    {
        _paused = !_paused;
        return RefreshAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Navigation.LocationChanged -= OnLocationChanged;
        _subscription?.Dispose();
        try
        {
            if (_browser is not null)
            {
                await _browser.InvokeVoidAsync("detach");
                await _browser.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its listeners with it.
        }

        _self?.Dispose();
    }

    private async Task GoLiveAsync()
    {
        _paused = false;
        _atTop = true;
        _focusInside = false;
        if (_browser is not null)
            await _browser.InvokeVoidAsync("scrollToTop");
        await RefreshAsync();
    }

    private Task FilterAsync(FeedFilter filter)
    {
        if (filter == _filter)
            return Task.CompletedTask;
        Apply(filter);
        _filteredAt = Time.GetUtcNow();
        return RefreshAsync();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        // What has been typed since is newer than the address, and our own address comes back as well.
        var filter = FeedFilter.FromUri(change.Location);
        if (_filteredAt is not null || filter.ToUri() == _filter.ToUri())
            return Task.CompletedTask;
        Apply(filter);
        return RefreshAsync();
    });

    private void KeepFilterInAddress()
    {
        if (_filteredAt is not { } at || _now - at < TypingPause)
            return;
        _filteredAt = null;
        Navigation.NavigateTo(_filter.ToUri(), new NavigationOptions { ReplaceHistoryEntry = true });
    }

    private string? Sorted(string sort) => _filter.Sort == sort ? "descending" : null;

    private void Apply(FeedFilter filter)
    {
        _filter = filter;
        // Another question gets its answer at once, held or not.
        _sortedAt = Time.GetUtcNow();
        _window.Show(Feed.Posts, filter, _sortedAt);
        _unannounced = 0;
    }

    private async Task RefreshAsync()
    {
        try
        {
            if (_window.IsEnded || !await Reading.MayReadAsync())
            {
                End();
                return;
            }

            Update();
            StateHasChanged();
            KeepFilterInAddress();
            if (_browser is not null && _titledWaiting != _window.Waiting)
            {
                _titledWaiting = _window.Waiting;
                await _browser.InvokeVoidAsync("showWaiting", _titledWaiting);
            }
        }
        catch (JSDisconnectedException)
        {
            // Disposal follows.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    /// <summary>The sign-in has ended: nothing more is shown, whether or not the browser leaves the page.</summary>
    private void End()
    {
        if (_window.IsEnded)
            return;
        _window.End();
        _subscription?.Dispose();
        StateHasChanged();
        Navigation.NavigateTo(WebAccess.SignInAddress('/' + Navigation.ToBaseRelativePath(Navigation.Uri)), forceLoad: true);
    }

    private void Update()
    {
        _now = Time.GetUtcNow();
        if (Held || !MayMove)
        {
            _window.Hold(Feed.Posts, Feed.Purged, _filter);
        }
        else
        {
            _unannounced += _window.Show(Feed.Posts, _filter, _now);
            _sortedAt = _now;
        }

        _summary = FeedSummary.Of(_window.Rows, _now);

        if (_unannounced == 0 || _now - _announcedAt < AnnounceEvery)
            return;
        _announcement = _unannounced == 1 ? "1 new post" : $"{Figures.Exact(_unannounced)} new posts";
        _announcedAt = _now;
        _unannounced = 0;
    }
}
