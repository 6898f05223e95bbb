using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using SignalFlow.Web.Access;

namespace SignalFlow.Web.Components.Account;

/// <summary>A static form: the cookie goes out with its answer, before any circuit.</summary>
public sealed partial class SignInForm
{
    private SignInOutcome? _outcome;

    /// <summary>Where to go on; only addresses of this site are gone to.</summary>
    [Parameter, EditorRequired]
    public required string? Return { get; set; }

    /// <summary>It was just changed, which ends all sign-ins.</summary>
    [Parameter]
    public bool HasNewPassword { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in")]
    private SignInInput? Input { get; set; }

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    [Inject] internal SignInGate Gate { get; set; } = null!;

    [Inject] internal ReadingAccess Reading { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    private async Task SubmitAsync()
    {
        var http = Http ?? throw new InvalidOperationException("The sign-in form is for static pages.");
        var (outcome, session) = await Gate.EnterAsync(
            Input?.Username?.Trim() ?? "", Input?.Password ?? "", http.Connection.RemoteIpAddress, http.RequestAborted);
        if (session is null)
        {
            _outcome = outcome;
            http.AnswerAs(outcome switch
            {
                SignInOutcome.TooMany => StatusCodes.Status429TooManyRequests,
                SignInOutcome.ApiAway => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status401Unauthorized,
            });
            return;
        }

        await http.SignInAsync(WebAccess.Scheme, WebAccess.PrincipalOf(session), new() { IsPersistent = true });
        Navigation.NavigateTo(WebAccess.Local(Return));
    }

    private static string Words(SignInOutcome outcome) => outcome switch
    {
        SignInOutcome.TooMany => "Too many attempts. Wait a minute and try again.",
        SignInOutcome.ApiAway => "The API does not answer, so nobody can sign in. Try again in a moment.",
        _ => "Name or password are not right, or the user is locked. After ten wrong passwords a user is locked for a while.",
    };

    private sealed class SignInInput
    {
        public string? Username { get; set; }
        public string? Password { get; set; }
    }
}
