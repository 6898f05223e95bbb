using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace SignalFlow.Web.Access;

/// <summary>Who looks at the page: the same in a static page and in a circuit.</summary>
internal sealed class CurrentUser(AuthenticationStateProvider states, UserSessions sessions)
{
    /// <summary>Id of the session.</summary>
    public const string SessionClaim = "sid";

    public async Task<ClaimsPrincipal> GetAsync() => (await states.GetAuthenticationStateAsync()).User;

    /// <summary>Somebody was signed in when the page or circuit began; the sign-in may have ended since.</summary>
    public async ValueTask<bool> HasSignedInAsync() => (await GetAsync()).HasClaim(claim => claim.Type == SessionClaim);

    /// <param name="refused">A token that the API has just refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null: nobody is signed in, or not any more.</returns>
    public async ValueTask<string?> TokenAsync(string? refused, CancellationToken cancellationToken) =>
        (await GetAsync()).FindFirst(SessionClaim)?.Value is { } id ? await sessions.TokenAsync(id, refused, cancellationToken) : null;
}
