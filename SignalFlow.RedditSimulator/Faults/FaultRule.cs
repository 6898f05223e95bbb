using System.Text.Json.Serialization;

namespace SignalFlow.RedditSimulator.Faults;

/// <summary>
/// A fault as <c>PUT /simulator/faults</c> takes it: <c>{"faults":[{"kind":"rate_limited","count":3,"retry_after":4}]}</c>. A rule hits
/// with a <see cref="Probability"/>, for a <see cref="Count"/> of requests, or both; rules are tried in their order and the first that hits
/// decides (<see cref="FaultKind.Slow"/> only delays and lets the next decide). A <c>PUT</c> replaces all rules.
/// </summary>
internal sealed record FaultRule
{
    public const double DefaultAge = 300;

    private const string Refuse = "refuse";
    private const string Omit = "omit";

    public FaultKind Kind { get; init; }

    /// <summary>Above 0, at most 1; null: every request.</summary>
    public double? Probability { get; init; }

    /// <summary>Hits until the rule is used up; null: no end.</summary>
    public int? Count { get; init; }

    /// <summary>Only requests that name this subreddit; null: all. Not for the token kinds.</summary>
    public string? Subreddit { get; init; }

    /// <summary>
    /// For a fault of one subreddit, what happens to requests that name others too: <c>refuse</c> (default) answers them as a request for
    /// it alone, <c>omit</c> silently leaves it out of the listing, as Reddit does with banned members.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>For <see cref="FaultKind.Renamed"/>: the subreddit's new name.</summary>
    public string? To { get; init; }

    /// <summary>For <see cref="FaultKind.RateLimited"/>: seconds in the Retry-After header; null: no header.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>For <see cref="FaultKind.ServerError"/> (500 to 599, default 503) and <see cref="FaultKind.TokenError"/> (400 to 599, default 500).</summary>
    public int? Status { get; init; }

    /// <summary>For <see cref="FaultKind.ServerError"/>: html (default), json or empty.</summary>
    public string? Body { get; init; }

    /// <summary>For <see cref="FaultKind.Slow"/>: real seconds before the answer, above 0, at most 600; default 5.</summary>
    public double? Delay { get; init; }

    /// <summary>For <see cref="FaultKind.Stale"/>: age of the page in simulated seconds, above 0; default <see cref="DefaultAge"/>.</summary>
    public double? Age { get; init; }

    /// <summary>For <see cref="FaultKind.TokenShort"/>: lifetime of the token in seconds, at least 1; default 60.</summary>
    public int? ExpiresIn { get; init; }

    [JsonIgnore]
    public FaultScope Scope => Kind switch
    {
        FaultKind.TokenError or FaultKind.TokenInvalidGrant or FaultKind.TokenShort => FaultScope.Token,
        FaultKind.EmptyInfo => FaultScope.Info,
        _ => FaultScope.Api,
    };

    [JsonIgnore]
    public bool OmitsFromGroups => Group == Omit;

    private bool ConcernsMembers =>
        Kind is FaultKind.Private or FaultKind.Quarantined or FaultKind.Banned or FaultKind.Redirect or FaultKind.Renamed;

    /// <summary>The wrong fields, each with what is wrong.</summary>
    public IEnumerable<(string Field, string Error)> Errors()
    {
        if (!Enum.IsDefined(Kind) || Kind == FaultKind.None)
            yield return ("kind", "is required");
        if (Probability is null && Count is null)
            yield return ("probability", "or count is required");
        if (Probability is { } probability && probability is not (> 0 and <= 1))
            yield return ("probability", "must be above 0 and at most 1");
        if (Count is < 1)
            yield return ("count", "must be at least 1");
        if (Subreddit is not null && Scope != FaultScope.Api)
            yield return ("subreddit", "goes with faults of requests for subreddits only");
        if (Group is not (null or Refuse or Omit))
            yield return ("group", "must be refuse or omit");
        if (Group is not null && (Subreddit is null || !ConcernsMembers))
            yield return ("group", "goes with a subreddit that is private, quarantined, banned, renamed or a redirect only");
        if (Kind == FaultKind.Renamed && Subreddit is null)
            yield return ("subreddit", "is required");
        if ((Kind == FaultKind.Renamed) != (To is not null && World.Subreddit.IsValidName(To)))
            yield return ("to", "must be the new name of a renamed subreddit");
        if (RetryAfter is < 0)
            yield return ("retry_after", "must be 0 or more");
        if (Status is { } status && (status > 599 || status < (Kind == FaultKind.TokenError ? 400 : 500)))
            yield return ("status", "is out of range");
        if (Body is not (null or "html" or "json" or "empty"))
            yield return ("body", "must be html, json or empty");
        if (Delay is { } delay && delay is not (> 0 and <= 600))
            yield return ("delay", "must be above 0 and at most 600");
        if (Age is { } age && age is not (> 0 and <= 1e9))
            yield return ("age", "must be above 0");
        if (ExpiresIn is < 1)
            yield return ("expires_in", "must be at least 1");
    }
}

internal enum FaultScope
{
    /// <summary>Every request with a token.</summary>
    Api,

    /// <summary>Look-ups of posts only.</summary>
    Info,
    Token,
}

/// <summary>What can go wrong. In JSON: snake_case.</summary>
internal enum FaultKind
{
    None,

    /// <summary>429 with an HTML body, as a busy Reddit sends it, without x-ratelimit headers.</summary>
    RateLimited,

    /// <summary>401; the token is revoked.</summary>
    Unauthorized,

    /// <summary>403 {"reason":"private"}.</summary>
    Private,

    /// <summary>403 {"reason":"quarantined"}.</summary>
    Quarantined,

    /// <summary>403 with the HTML page of a network block.</summary>
    Blocked,

    /// <summary>404 {"reason":"banned"}.</summary>
    Banned,

    /// <summary>302 to the subreddit search.</summary>
    Redirect,

    /// <summary>302 to the same request with the subreddit's new name.</summary>
    Renamed,

    /// <summary>200 with a listing of nothing, to look-ups of posts.</summary>
    EmptyInfo,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>An answer that takes its time.</summary>
    Slow,

    /// <summary>The connection breaks in the middle of the body.</summary>
    Cut,

    /// <summary>200 with JSON that ends in the middle.</summary>
    Truncated,

    /// <summary>A page from the past.</summary>
    Stale,

    /// <summary>The token endpoint answers with an error status.</summary>
    TokenError,

    /// <summary>The token endpoint answers 200 {"error":"invalid_grant"}.</summary>
    TokenInvalidGrant,

    /// <summary>A token that expires soon.</summary>
    TokenShort,
}
