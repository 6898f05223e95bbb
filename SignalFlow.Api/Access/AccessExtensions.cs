using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Api.Access.Audit;
using SignalFlow.Api.Access.Keys;
using SignalFlow.Api.Access.Searches;
using SignalFlow.Api.Access.Sessions;
using SignalFlow.Api.Access.Setup;
using SignalFlow.Api.Access.Users;
using SignalFlow.Api.Requests;
using SignalFlow.Contracts;
using SignalFlow.Storage.Access;

namespace SignalFlow.Api.Access;

internal static class AccessExtensions
{
    private const string Scheme = "signalflow";

    public static IHostApplicationBuilder AddAccess(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<AccessOptions, AccessOptions.Validator>()
            .BindConfiguration(AccessOptions.Section)
            .Configure<IConfiguration>((options, configuration) => options.AdminPassword = configuration[AccessOptions.AdminPasswordKey]);

        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton<RefreshTokenStore>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<SavedSearchStore>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<UserStates>();
        services.AddSingleton<UnknownKeys>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<AccessMetrics>();
        services.AddSingleton<FirstAdmin>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstAdmin>());
        services.AddUsers();

        services.AddAuthentication(Scheme)
            .AddPolicyScheme(Scheme, null, scheme => scheme.ForwardDefaultSelector = http =>
                Credentials.Of(http.Request) is { } credential && http.RequestServices.GetRequiredService<ApiKeys>().IsKey(credential)
                    ? ApiKeyAuthentication.SchemeName
                    : JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<AccessTokens>((bearer, tokens) => tokens.Configure(bearer));

        services.AddSingleton<IAuthorizationHandler, AccessHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessResultHandler>();
        services.AddAuthorization(authorization =>
        {
            foreach (var policy in (string[])[.. Policies.Scopes, Policies.Account])
                authorization.AddPolicy(policy, built => built.AddRequirements(new AccessRequirement(policy)));
        });
        return builder;
    }

    public static void MapAccess(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/access", StateAsync).AllowAnonymous().WithTags("Access")
            .WithName("GetAccess").WithSummary("Whether reading needs a login, and whether there is an administrator yet.");
        endpoints.MapTokens().AllowAnonymous().WithMetadata(new SignInEndpoint());
        endpoints.MapSetup().AllowAnonymous().WithMetadata(new SignInEndpoint());
        endpoints.MapAccount().RequireAccess(Policies.Account);
        endpoints.MapOwnKeys().RequireAccess(Policies.Account);
        endpoints.MapSavedSearches().RequireAccess(Policies.Account);
        endpoints.MapUsers().RequireAccess(Policies.Administer);
        endpoints.MapAllKeys().RequireAccess(Policies.Administer);
        endpoints.MapSigningKeys().RequireAccess(Policies.Administer);
        endpoints.MapAudit().RequireAccess(Policies.Administer);
    }

    /// <summary>An endpoint that says nothing about who may is a mistake, found when the application starts.</summary>
    public static TBuilder RequiresStatedAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(endpoint =>
        {
            if (!endpoint.Metadata.Any(data => data is IAuthorizeData or IAllowAnonymous))
                throw new InvalidOperationException($"{endpoint.DisplayName} has neither RequireAccess nor AllowAnonymous.");
        });
        return builder;
    }

    private static async Task<Ok<AccessState>> StateAsync(
        IOptions<AccessOptions> options, IHostEnvironment environment, AccessDbContext database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new AccessState(options.Value.IsReadingOpen(environment), await FirstAdmin.ExistsAsync(database, cancellationToken)));

    private static void AddUsers(this IServiceCollection services)
    {
        // On the primary: what was just written decides.
        services.AddDbContextPool<AccessDbContext>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddIdentityCore<User>(identity =>
        {
            // Length is what makes a password hard to guess; rules about characters make it easier.
            identity.Password = new()
            {
                RequiredLength = AccessOptions.MinPasswordLength,
                RequiredUniqueChars = 4,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
            };
            identity.User.AllowedUserNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@";
        });
        services.AddScoped<SignIn>();
        services.AddScoped<UserAdministration>();
        services.AddScoped<IUserStore<User>, UserOnlyStore<User, AccessDbContext, Guid>>();
    }
}
