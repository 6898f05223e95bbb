using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SignalFlow.Api.Access.Users;

namespace SignalFlow.Api.Access.Sessions;

/// <summary>Issues access tokens (JWT, HS256) and says what a good one is.</summary>
internal sealed class AccessTokens(SigningKeys keys, IOptions<AccessOptions> options, TimeProvider time)
{
    private const string Issuer = "signalflow";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="user">Whose.</param>
    /// <param name="stamp">The user's when the password or the refresh token was found good: a change since then ends this token, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> IssueAsync(User user, string stamp, CancellationToken cancellationToken)
    {
        var key = await keys.GetCurrentAsync(cancellationToken);
        var now = time.GetUtcNow();
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + options.Value.AccessTokenLifetime).UtcDateTime,
            Subject = new(
            [
                new(AccessClaims.User, user.Id.ToString()),
                new(AccessClaims.Name, user.UserName!),
                new(AccessClaims.Role, user.Role),
                new(AccessClaims.Stamp, UserStates.Print(stamp)),
                new(JwtRegisteredClaimNames.Jti, Guid.NewGuid().ToString("N")),
            ]),
            SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        });
    }

    public void Configure(JwtBearerOptions bearer)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new()
        {
            ValidIssuer = Issuer,
            ValidAudience = Issuer,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeyResolver = (_, _, id, _) => keys.Find(id),
            RequireExpirationTime = true,
            // By the application's clock.
            LifetimeValidator = (from, to, _, _) =>
                time.GetUtcNow().UtcDateTime is var now && from - ClockSkew <= now && to + ClockSkew > now,
            NameClaimType = AccessClaims.Name,
            RoleClaimType = AccessClaims.Role,
        };
        bearer.Events = new()
        {
            OnMessageReceived = async context =>
            {
                context.Token = Credentials.Of(context.Request);
                if (context.Token is { } token && Handler.CanReadToken(token))
                    await keys.LearnAsync(KeyId(token), context.HttpContext.RequestAborted);
            },
            OnTokenValidated = async context =>
            {
                var states = context.HttpContext.RequestServices.GetRequiredService<UserStates>();
                if (!Guid.TryParse(context.Principal!.FindFirstValue(AccessClaims.User), out var user)
                    || !await states.IsCurrentAsync(user, context.Principal!.FindFirstValue(AccessClaims.Stamp), context.HttpContext.RequestAborted))
                    context.Fail("The session has been ended.");
            },
        };
    }

    private static string? KeyId(string token)
    {
        try
        {
            return Handler.ReadJsonWebToken(token).Kid;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
