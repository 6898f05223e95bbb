namespace SignalFlow.Web.Access;

/// <summary>Somebody's sign-in: who it is, and the tokens that the API knows them by. The browser has its id, in a cookie that only we can read.</summary>
/// <param name="Id">256 random bits.</param>
/// <param name="Username">As the API has it.</param>
/// <param name="Role">One of <see cref="UserRoles"/>.</param>
/// <param name="Access">For <c>Authorization: Bearer</c>.</param>
/// <param name="AccessExpiresAt">When <paramref name="Access"/> ends.</param>
/// <param name="Refresh">Good for one refresh.</param>
internal sealed record UserSession(string Id, string Username, string Role, string Access, DateTimeOffset AccessExpiresAt, string Refresh);

/// <summary>What a user is; each may do all that the ones before it may. The API decides; the UI only shows nobody what would be refused.</summary>
internal static class UserRoles
{
    public const string Viewer = "viewer";
    public const string Analyst = "analyst";
    public const string Operator = "operator";
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Viewer, Analyst, Operator, Admin];

    /// <summary>The role and all below it; nothing for a role that is not known.</summary>
    public static IEnumerable<string> Granted(string role) => All.Take(All.IndexOf(role) + 1);

    private static int IndexOf(this IReadOnlyList<string> roles, string role)
    {
        for (var index = 0; index < roles.Count; index++)
        {
            if (roles[index] == role)
                return index;
        }

        return -1;
    }
}
