using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using SignalFlow.ServiceDefaults;
using SignalFlow.Web.Live;
using StackExchange.Redis;

namespace SignalFlow.Web.Access;

/// <summary>Sign-in with the API's users: a session here, its id in a cookie.</summary>
internal static class WebAccess
{
    public const string Scheme = "signalflow-web";

    public static void AddWebAccess(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ReadingAccess>();
        services.AddSingleton<UserSessions>();
        services.AddSingleton<SignInGate>();
        services.AddOptionsWithValidateOnStart<PageLimitOptions, PageLimitOptions.Validator>().BindConfiguration(PageLimitOptions.Section);
        services.AddSingleton<PageLimits>();
        services.AddScoped<CurrentUser>();
        services.AddScoped<ReadingCheck>();
        services.AddCascadingAuthenticationState();
        services.AddAuthentication().AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = "signalflow";
            cookie.Cookie.HttpOnly = true;
            // A link from elsewhere opens the page that it names; forms have their antiforgery tokens besides.
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.ExpireTimeSpan = UserSessions.Lifetime;
            cookie.SlidingExpiration = true;
            cookie.Events.OnValidatePrincipal = ValidateAsync;
        });
        // As the sign-in: over TLS where the page came so. By default it would go over plain HTTP, too.
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddAuthorizationCore();
        builder.AddSessionStore();
    }

    /// <summary>
    /// With Redis, sign-ins and the keys that protect cookies outlive the process, and all processes of the UI share them. <c>Web:KeysFolder</c> keeps the
    /// keys in a folder instead; without a secret to encrypt them with they are not in Redis, where they would open the sign-ins beside them.
    /// </summary>
    private static void AddSessionStore(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var protection = services.AddDataProtection().SetApplicationName("SignalFlow.Web");
        var folder = builder.Configuration["Web:KeysFolder"];
        if (!string.IsNullOrEmpty(folder))
            protection.PersistKeysToFileSystem(new(folder));
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("redis")))
        {
            services.AddDistributedMemoryCache();
            return;
        }

        builder.AddRedisClient("redis");
        services.AddStackExchangeRedisCache(_ => { });
        services.AddOptions<RedisCacheOptions>().Configure<IConnectionMultiplexer>(
            (cache, redis) => cache.ConnectionMultiplexerFactory = () => Task.FromResult(redis));
        if (string.IsNullOrEmpty(folder) && ApiClient.Key(builder.Configuration) is { } secret)
        {
            services.AddOptions<KeyManagementOptions>().Configure<IConnectionMultiplexer, ILogger<SealedKeyRing>>(
                (keys, redis, logger) => keys.XmlRepository = new SealedKeyRing(redis, secret, logger));
            // It warns that keys may not be encrypted where no encryptor is, and of nothing else that matters.
            builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        }
    }

    public static void MapWebAccess(this IEndpointRouteBuilder endpoints) => endpoints.MapPost("/sign-out", SignOutAsync);

    /// <summary>What the browser's cookie says of a session.</summary>
    public static ClaimsPrincipal PrincipalOf(UserSession session) => new(new ClaimsIdentity(
        [
            new(CurrentUser.SessionClaim, session.Id),
            new(ClaimTypes.Name, session.Username),
            .. UserRoles.Granted(session.Role).Select(role => new Claim(ClaimTypes.Role, role)),
        ],
        Scheme));

    public static string SignInAddress(string returnTo) => QueryHelpers.AddQueryString("/sign-in", "return", returnTo);

    /// <summary>An address of this site, or the feed: nobody is sent elsewhere by a link that was made for it.</summary>
    public static string Local(string? address) =>
        address is ['/', not '/' and not '\\', ..] && !address.AsSpan().ContainsAnyInRange('\0', '\x1f') ? address : "/";

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var sessions = services.GetRequiredService<UserSessions>();
        // Where reading is open, whoever was signed out reads on anyway, and the API is asked for the rest.
        if (context.Principal?.FindFirstValue(CurrentUser.SessionClaim) is { } id
            && await sessions.FindAsync(id, context.HttpContext.RequestAborted) is not null
            && (!services.GetRequiredService<ReadingAccess>().NeedsSignIn || await sessions.IsAcceptedAsync(id)))
        {
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Scheme);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, UserSessions sessions)
    {
        // Nobody is signed out by a link or by another site.
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.BadRequest();
        if (context.User.FindFirstValue(CurrentUser.SessionClaim) is { } id)
            await sessions.EndAsync(id, context.RequestAborted);
        await context.SignOutAsync(Scheme);
        return TypedResults.LocalRedirect("/");
    }
}
