using Microsoft.AspNetCore.Identity;

namespace SignalFlow.Api.Access.Users;

/// <summary>Identity's refusals by the field that is wrong.</summary>
internal static class UserErrors
{
    public static Dictionary<string, string[]> ByField(IdentityResult result, string password = "password") => result.Errors
        .GroupBy(error => error.Code.StartsWith("Password", StringComparison.Ordinal) ? password : "username")
        .ToDictionary(group => group.Key, group => group.Select(error => $"{group.Key}: {error.Description}").ToArray());
}
