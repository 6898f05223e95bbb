using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace SignalFlow.Api.Access.Keys;

internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logging, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    public const string SchemeName = "api-key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Credentials.Of(Request) is not { } credential)
            return AuthenticateResult.NoResult();
        var (found, isRefused) = await keys.FindAsync(credential, Context.Connection.RemoteIpAddress, Context.RequestAborted);
        if (isRefused)
            Context.Features.Set(new TooManyUnknownKeys());
        if (found is not { } key)
            return AuthenticateResult.Fail("The API key is unknown, revoked or has expired.");

        var claims = new List<Claim>
        {
            new(AccessClaims.Name, key.UserName.Length == 0 ? key.Name : $"{key.UserName}/{key.Name}"),
            new(AccessClaims.Role, key.Role),
            new(AccessClaims.Key, key.Id.ToString(CultureInfo.InvariantCulture)),
        };
        if (key.UserId != Guid.Empty)
            claims.Add(new(AccessClaims.User, key.UserId.ToString()));
        if (key.ExpiresAt is { } end)
            claims.Add(new(JwtRegisteredClaimNames.Exp, end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        claims.AddRange(key.Scopes.Select(scope => new Claim(AccessClaims.Scope, scope)));
        var identity = new ClaimsIdentity(claims, SchemeName, AccessClaims.Name, AccessClaims.Role);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }
}
