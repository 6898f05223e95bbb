using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>Body of <c>POST /api/token/</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInRequest(string? Username, string? Password);

/// <summary>Body of <c>POST /api/token/refresh/</c> and <c>/api/token/revoke/</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RefreshRequest(string? Refresh);

/// <param name="Access">For <c>Authorization: Bearer</c>.</param>
/// <param name="Refresh">Good for one refresh.</param>
/// <param name="ExpiresIn">Seconds that the access token is good for.</param>
public sealed record TokenPair(string Access, string Refresh, int ExpiresIn);

/// <summary>What one needs to know before one has signed in.</summary>
/// <param name="PublicRead">Reading, also live, needs no login.</param>
/// <param name="HasAdministrator">False: the log of the API's first start has the link that makes one.</param>
public sealed record AccessState(bool PublicRead, bool HasAdministrator);

/// <summary>Who the caller is.</summary>
public sealed record AccountView(string Username, string Role);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PasswordChange(string? Current, string? New);

/// <summary>Body of <c>POST /api/setup/</c>, from the one-time link of the first start.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SetupRequest(string? Token, string? Username, string? Password);

public sealed record UserView
{
    public required Guid Id { get; init; }
    public required string Username { get; init; }
    public required string Role { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>Too many wrong passwords; null: not locked out.</summary>
    public required DateTimeOffset? LockedUntil { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? SignedInAt { get; init; }
}

public sealed record UserList(IReadOnlyList<UserView> Results);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewUser(string? Username, string? Role, string? Password);

/// <summary>What is null stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserChange(string? Role, bool? IsActive, string? Password);

public sealed record ApiKeyView
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required string Username { get; init; }

    /// <summary>How the key begins.</summary>
    public required string Hint { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required DateTimeOffset? LastUsedAt { get; init; }
    public required DateTimeOffset? RevokedAt { get; init; }
}

public sealed record ApiKeyList(IReadOnlyList<ApiKeyView> Results);

/// <param name="Name">To know it by.</param>
/// <param name="Scopes">What it may be used for, within what its owner may.</param>
/// <param name="ExpiresAt">Null: never.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewApiKey(string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt);

/// <param name="Secret">Shown this once.</param>
/// <param name="Key">What is kept.</param>
public sealed record CreatedApiKey(string Secret, ApiKeyView Key);

public sealed record AuditView
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Target { get; init; }
    public required System.Text.Json.JsonElement? Old { get; init; }
    public required System.Text.Json.JsonElement? New { get; init; }
    public required string? Address { get; init; }
}

public sealed record AuditPage
{
    public required string? Next { get; init; }
    public required string? Previous { get; init; }
    public required IReadOnlyList<AuditView> Results { get; init; }
}
