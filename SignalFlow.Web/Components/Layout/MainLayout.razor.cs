using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using SignalFlow.Web.Access;

namespace SignalFlow.Web.Components.Layout;

public sealed partial class MainLayout
{
    private ClaimsPrincipal _user = new();

    [CascadingParameter]
    private Task<AuthenticationState>? Authentication { get; set; }

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    [Inject] internal ReadingAccess Reading { get; set; } = null!;

    // A bare "#content" would be relative to <base href="/"> and leave the page.
    private string SkipTarget => new Uri(Navigation.Uri).PathAndQuery + "#content";

    /// <summary>Else a circuit would be refused.</summary>
    private bool ShowsPosts => !Reading.NeedsSignIn || _user.Identity?.IsAuthenticated == true;

    protected override async Task OnInitializedAsync()
    {
        if (Authentication is not null)
            _user = (await Authentication).User;
    }
}
