using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Who changed what. Static: the address has all there is to know.</summary>
public sealed partial class AuditList
{
    // What the API writes; any other may be typed.
    private static readonly string[] Actions =
    [
        "subreddit.add", "subreddit.change", "subreddit.pause", "subreddit.resume", "subreddit.delete",
        "user.add", "user.change", "user.change-password", "user.remove", "user.end-sessions", "key.add", "key.revoke", "signing-key.rotate",
    ];

    private AuditFilter _filter = new(null, null, null, null, null, null);
    private AuditPage? _page;
    private RequestProblem? _problem;
    private DateTimeOffset _at;

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal CurrentUser Viewer { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        _filter = AuditFilter.FromUri(Navigation.Uri);
        var aborted = Http?.RequestAborted ?? CancellationToken.None;
        try
        {
            _page = await Api.GetAuditAsync(_filter.Query(), aborted);
            _at = Time.GetUtcNow();
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !aborted.IsCancellationRequested)
        {
            _problem = await RequestProblem.OfAsync(exception, Viewer, aborted);
        }
    }
}
