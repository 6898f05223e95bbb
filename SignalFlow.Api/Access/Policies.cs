using Microsoft.AspNetCore.Authorization;

namespace SignalFlow.Api.Access;

/// <summary>
/// What an endpoint asks of its caller. Each policy is also the scope that an API key needs for it, and has a role that a user needs.
/// </summary>
internal static class Policies
{
    /// <summary>Viewer; open to everybody where reading is.</summary>
    public const string Read = "read";

    /// <summary>Viewer; open to everybody where reading is.</summary>
    public const string Live = "live";

    /// <summary>Analyst; open to everybody where reading is.</summary>
    public const string Export = "export";

    /// <summary>Analyst: has rules and channels of one's own.</summary>
    public const string Alert = "alert";

    /// <summary>Operator.</summary>
    public const string Operate = "operate";

    /// <summary>Administrator.</summary>
    public const string Administer = "administer";

    /// <summary>Any user with a password sign-in, for what is their own; no key reaches it.</summary>
    public const string Account = "account";

    /// <summary>What an API key can be given.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [Read, Live, Export, Alert, Operate, Administer];

    public static Role RoleOf(string policy) => policy switch
    {
        Read or Live or Account => Role.Viewer,
        Export or Alert => Role.Analyst,
        Operate => Role.Operator,
        Administer => Role.Admin,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "No policy has this name."),
    };

    /// <summary>Where reading is open, these are too.</summary>
    public static bool IsReading(string policy) => policy is Read or Live or Export;

    public static TBuilder RequireAccess<TBuilder>(this TBuilder builder, string policy)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(new AuthorizeAttribute(policy));
}
