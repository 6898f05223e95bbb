using System.Globalization;
using System.Security.Claims;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Api.Access;

/// <summary>Who sent a request.</summary>
/// <param name="Name">A user's name, or a key's with its owner's; <c>anonymous</c> for nobody.</param>
/// <param name="UserId">Of a key: its owner's.</param>
/// <param name="Role">Of a key: its owner's.</param>
/// <param name="KeyId">Null where it was no key.</param>
/// <param name="Address">Where the connection comes from; behind a proxy that is trusted, what the proxy says.</param>
internal sealed record Caller(string Name, Guid? UserId, Role? Role, long? KeyId, string? Address)
{
    /// <summary>Whom limits by address count.</summary>
    public string? Subscriber { get; private init; }

    public static Caller Of(HttpContext http)
    {
        var user = http.User;
        var address = http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;
        return new(
            user.Identity is { IsAuthenticated: true, Name: { } name } ? name : "anonymous",
            Guid.TryParse(user.FindFirstValue(AccessClaims.User), out var id) ? id : null,
            Roles.Find(user.FindFirstValue(AccessClaims.Role)),
            long.TryParse(user.FindFirstValue(AccessClaims.Key), NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? key : null,
            address?.ToString())
        {
            Subscriber = address is null ? null : ClientAddress.Counted(address).ToString(),
        };
    }

    public AuditEntry Audit(string action, string target, string? old = null, string? @new = null) => new(Name, action, target, old, @new, Address);
}

/// <summary>Claims of a caller, from an access token or an API key.</summary>
internal static class AccessClaims
{
    public const string User = "sub";
    public const string Name = "name";
    public const string Role = "role";

    /// <summary>A print of the security stamp: a token ends with what it was issued for.</summary>
    public const string Stamp = "stamp";

    /// <summary>Number of the API key.</summary>
    public const string Key = "key";

    public const string Scope = "scope";
}
