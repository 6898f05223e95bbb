using System.Globalization;
using System.Security.Claims;
using SignalFlow.Api.Access;

namespace SignalFlow.Api.Live;

/// <summary>What a connection was opened with, by its number or its user's: nothing of it lets anybody in.</summary>
/// <param name="KeyId">Of an API key; null: it was an access token.</param>
/// <param name="UserId">Whose token or key it is.</param>
/// <param name="Stamp">Of a token: the print of the user's security stamp.</param>
internal sealed record LiveCredential(long? KeyId, Guid UserId, string? Stamp)
{
    /// <returns>Null: there was none, or the UI's, which ends with the process.</returns>
    public static LiveCredential? Of(ClaimsPrincipal? user)
    {
        if (!Guid.TryParse(user?.FindFirstValue(AccessClaims.User), out var id))
            return null;
        return long.TryParse(user!.FindFirstValue(AccessClaims.Key), NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            ? new(key, id, null)
            : new(null, id, user!.FindFirstValue(AccessClaims.Stamp));
    }
}
