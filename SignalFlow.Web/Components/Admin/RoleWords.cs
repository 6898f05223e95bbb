using SignalFlow.Web.Access;

namespace SignalFlow.Web.Components.Admin;

/// <summary>What a role may do, in a few words.</summary>
internal static class RoleWords
{
    public static string Of(string role) => role switch
    {
        UserRoles.Viewer => "Viewer: reads",
        UserRoles.Analyst => "Analyst: and exports",
        UserRoles.Operator => "Operator: and replays dead letters",
        UserRoles.Admin => "Admin: and decides on all",
        _ => role,
    };
}
