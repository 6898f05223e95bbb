using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using SignalFlow.Web.Access;
using SignalFlow.Web.Components.Admin;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Account;

/// <summary>Changes one's own password, which ends all one's sign-ins, and so leads to a new one.</summary>
public sealed partial class PasswordForm
{
    private RequestProblem? _problem;

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [SupplyParameterFromForm(FormName = "password")]
    private PasswordInput? Input { get; set; }

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal CurrentUser Viewer { get; set; } = null!;

    [Inject] internal UserSessions Sessions { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    private string? Invalid(string field) => _problem?.Of(field) is null ? null : "true";

    private async Task SubmitAsync()
    {
        var http = Http ?? throw new InvalidOperationException("The password form is for static pages.");
        if (Input?.New != Input?.Again)
        {
            Refuse(http, RequestProblem.At("again", "The two new passwords differ."));
            return;
        }

        try
        {
            await Api.ChangePasswordAsync(new(Input?.Current ?? "", Input?.New ?? ""), http.RequestAborted);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !http.RequestAborted.IsCancellationRequested)
        {
            Refuse(http, await RequestProblem.OfAsync(exception, Viewer, http.RequestAborted));
            return;
        }

        if (http.User.FindFirstValue(CurrentUser.SessionClaim) is { } session)
            await Sessions.EndAsync(session, CancellationToken.None);
        await http.SignOutAsync(WebAccess.Scheme);
        Navigation.NavigateTo("/sign-in?done=password&return=/account");
    }

    private void Refuse(HttpContext http, RequestProblem problem)
    {
        _problem = problem;
        http.Response.StatusCode = problem.Kind == RequestProblemKind.Away ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status422UnprocessableEntity;
    }

    private sealed class PasswordInput
    {
        public string? Current { get; set; }
        public string? New { get; set; }
        public string? Again { get; set; }
    }
}
