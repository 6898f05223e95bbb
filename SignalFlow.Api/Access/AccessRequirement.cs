using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Access;

/// <param name="Policy">One of <see cref="Policies"/>.</param>
internal sealed record AccessRequirement(string Policy) : IAuthorizationRequirement
{
    public Role Role { get; } = Policies.RoleOf(Policy);
}

/// <summary>A user needs the role; an API key needs it of its owner, and the scope besides.</summary>
internal sealed class AccessHandler(IOptions<AccessOptions> options, IHostEnvironment environment) : AuthorizationHandler<AccessRequirement>
{
    private readonly bool _isReadingOpen = options.Value.IsReadingOpen(environment);

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRequirement requirement)
    {
        if (IsMet(context, requirement))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }

    private bool IsMet(AuthorizationHandlerContext context, AccessRequirement requirement)
    {
        var user = context.User;
        if (user.Identity?.IsAuthenticated != true)
        {
            // Who shows a token or key that is not good is told so, also where nothing needs one.
            return _isReadingOpen && Policies.IsReading(requirement.Policy)
                && context.Resource is HttpContext http && Credentials.Of(http.Request) is null;
        }

        var isKey = user.HasClaim(claim => claim.Type == AccessClaims.Key);
        if (_isReadingOpen && Policies.IsReading(requirement.Policy))
            return true;
        return Roles.Find(user.FindFirst(AccessClaims.Role)?.Value) >= requirement.Role
            && (!isKey || user.HasClaim(AccessClaims.Scope, requirement.Policy));
    }
}
