using SignalFlow.Web.Access;

namespace SignalFlow.Web.Components.Account;

/// <summary>What an API key can be given; the API checks it again.</summary>
/// <param name="Name">As the API has it.</param>
/// <param name="Role">The least that its owner must be.</param>
/// <param name="Words">What a program may do with it.</param>
internal sealed record KeyScope(string Name, string Role, string Words);

internal static class KeyScopes
{
    public static readonly IReadOnlyList<KeyScope> All =
    [
        new("read", UserRoles.Viewer, "Read posts, statistics and states"),
        new("live", UserRoles.Viewer, "Open live streams"),
        new("export", UserRoles.Analyst, "Export lists"),
        new("alert", UserRoles.Analyst, "Have rules and channels of alerts"),
        new("operate", UserRoles.Operator, "See, replay and discard dead letters"),
        new("administer", UserRoles.Admin, "Change subreddits, users and keys"),
    ];

    public static IEnumerable<KeyScope> AllowedTo(string role)
    {
        var granted = UserRoles.Granted(role).ToList();
        return All.Where(scope => granted.Contains(scope.Role));
    }
}
