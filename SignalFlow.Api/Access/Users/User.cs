using Microsoft.AspNetCore.Identity;

namespace SignalFlow.Api.Access.Users;

/// <summary>A person; of what Identity offers, name, password and lock-out are kept.</summary>
internal sealed class User : IdentityUser<Guid>
{
    public required string Role { get; set; }

    /// <summary>False: may not sign in, and is signed out everywhere.</summary>
    public bool IsActive { get; set; } = true;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? SignedInAt { get; set; }
}
