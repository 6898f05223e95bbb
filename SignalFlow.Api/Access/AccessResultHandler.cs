using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace SignalFlow.Api.Access;

/// <summary>Answers who may not: 401 to those who could sign in, 403 to those who are known and may not all the same.</summary>
internal sealed class AccessResultHandler(IProblemDetailsService problems) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        var isForbidden = authorizeResult.Forbidden;
        context.Response.StatusCode = isForbidden ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        if (!isForbidden)
        {
            context.Response.Headers[HeaderNames.WWWAuthenticate] =
                Credentials.Of(context.Request) is null ? "Bearer realm=\"signalflow\"" : "Bearer realm=\"signalflow\", error=\"invalid_token\"";
        }

        await problems.WriteAsync(new()
        {
            HttpContext = context,
            ProblemDetails = { Status = context.Response.StatusCode, Detail = isForbidden ? Needs(policy) : Unknown(context.Request) },
        });
    }

    private static string Unknown(HttpRequest request) => Credentials.Of(request) is null
        ? "This needs a login: a bearer token from POST /api/token/, or an API key."
        : "The token or key is not good, or no longer.";

    private static string Needs(AuthorizationPolicy policy)
    {
        var requirement = policy.Requirements.OfType<AccessRequirement>().First();
        return requirement.Policy == Policies.Account
            ? "This is for users, not for API keys."
            : $"This needs the role {Roles.Name(requirement.Role)}; an API key also needs the scope {requirement.Policy}.";
    }
}
