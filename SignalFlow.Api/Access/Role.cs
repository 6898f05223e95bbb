namespace SignalFlow.Api.Access;

/// <summary>What a user is; each may do all that the ones before it may.</summary>
internal enum Role
{
    /// <summary>Reads, also live.</summary>
    Viewer,

    /// <summary>And exports.</summary>
    Analyst,

    /// <summary>And replays dead letters and looks into the works.</summary>
    Operator,

    /// <summary>And decides what is watched and who may do what.</summary>
    Admin,
}

internal static class Roles
{
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Role>().Select(Name)];

    public static string Name(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Analyst => "analyst",
        Role.Operator => "operator",
        Role.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No role has this number."),
    };

    public static Role? Find(string? name) => name switch
    {
        "viewer" => Role.Viewer,
        "analyst" => Role.Analyst,
        "operator" => Role.Operator,
        "admin" => Role.Admin,
        _ => null,
    };
}
