using System.Net;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SignalFlow.Api.Access;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Security;

/// <summary>Access tokens that are nearly good, made with the very key that signs good ones where it matters.</summary>
public sealed class TokenForgeryTests(PostgresFixture postgres)
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_whole_of_a_token_of_ours_lets_in()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:PublicRead"] = "false" });
        var good = Handler.ReadJsonWebToken(await api.TokenAsync("admin"));
        var key = (SymmetricSecurityKey)await api.Services.GetRequiredService<SigningKeys>().GetCurrentAsync(Cancel);
        Assert.Equal(256, key.KeySize);
        Assert.Equal(SecurityAlgorithms.HmacSha256, good.Alg);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api, good.EncodedToken));
        // As it was made: so each of the others fails for what is wrong with it.
        Assert.Equal(HttpStatusCode.OK, await AskAsync(api, Forged(good, key)));

        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var other = new SymmetricSecurityKey(new byte[32]) { KeyId = key.KeyId };
        foreach (var (wrong, token) in ((string, string)[])[
            ("unsigned", Forged(good, null)),
            ("unsigned, and says whose", Unsigned(good)),
            ("without its signature", good.EncodedToken[..(good.EncodedToken.LastIndexOf('.') + 1)]),
            ("a stronger algorithm", Forged(good, new SymmetricSecurityKey([.. key.Key, .. key.Key]) { KeyId = key.KeyId }, SecurityAlgorithms.HmacSha512)),
            ("asymmetric", Forged(good, new RsaSecurityKey(rsa) { KeyId = key.KeyId }, SecurityAlgorithms.RsaSha256)),
            ("another key of that name", Forged(good, other)),
            ("a key without a name", Forged(good, new SymmetricSecurityKey(key.Key))),
            ("a key of a strange name", Forged(good, new SymmetricSecurityKey(key.Key) { KeyId = "../../dev/null' OR 1=1" })),
            ("another issuer", Forged(good, key, change: token => token.Issuer = "elsewhere")),
            ("for another audience", Forged(good, key, change: token => token.Audience = "elsewhere")),
            ("without an end", Forged(good, key, change: token => token.Expires = null)),
            ("over", Forged(good, key, change: token => token.Expires = api.Time.GetUtcNow().AddMinutes(-1).UtcDateTime)),
            ("not yet", Forged(good, key, change: token => token.NotBefore = api.Time.GetUtcNow().AddMinutes(1).UtcDateTime)),
            ("of another sign-in", Forged(good, key, change: token => token.Claims[AccessClaims.Stamp] = "stale")),
            ("of nobody", Forged(good, key, change: token => token.Claims.Remove(AccessClaims.User))),
        ])
            Assert.True(await AskAsync(api, token) == HttpStatusCode.Unauthorized, $"A token that is {wrong} lets in.");
    }

    private static string Forged(
        JsonWebToken good, SecurityKey? key, string algorithm = SecurityAlgorithms.HmacSha256, Action<SecurityTokenDescriptor>? change = null)
    {
        string[] times = ["iss", "aud", "exp", "nbf", "iat"];
        var token = new SecurityTokenDescriptor
        {
            Issuer = good.Issuer,
            Audience = good.Audiences.Single(),
            IssuedAt = good.IssuedAt,
            NotBefore = good.ValidFrom,
            Expires = good.ValidTo,
            Claims = good.Claims.Where(claim => !times.Contains(claim.Type)).ToDictionary(claim => claim.Type, object (claim) => claim.Value),
            SigningCredentials = key is null ? null : new(key, algorithm),
        };
        change?.Invoke(token);
        return Handler.CreateToken(token);
    }

    private static string Unsigned(JsonWebToken good) =>
        Base64UrlEncoder.Encode($$"""{"alg":"none","typ":"JWT","kid":"{{good.Kid}}"}""") + "." + good.EncodedPayload + ".";

    private static async Task<HttpStatusCode> AskAsync(ApiApplication api, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/account/");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await api.Client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
