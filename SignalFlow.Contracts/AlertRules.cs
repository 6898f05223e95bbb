using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

public sealed record AlertRuleList(IReadOnlyList<AlertRuleView> Results);

public sealed record AlertRuleView
{
    public required long Id { get; init; }
    public required AlertRuleDefinition Rule { get; init; }

    /// <summary>Changes with every change of its owner; also the <c>ETag</c>, without the quotes.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it last looked at something new.</summary>
    public DateTimeOffset? EvaluatedAt { get; init; }

    /// <summary>Why the last evaluation failed.</summary>
    public string? Error { get; init; }

    /// <summary>Found beyond what a rule may fire in an hour.</summary>
    public required long Suppressed { get; init; }
}

/// <summary>What a rule looks for, and what becomes of it. What is left out is as the comments say.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlertRuleDefinition
{
    public string? Name { get; init; }

    /// <summary><c>query</c>, <c>volume</c>, <c>author</c>, <c>surge</c>, <c>term_burst</c>, <c>sentiment_shift</c> or <c>anomaly</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Of <c>query</c> and <c>volume</c>; a <c>surge</c> may have one.</summary>
    public string? Query { get; init; }

    /// <summary>Of <c>author</c>.</summary>
    public IReadOnlyList<string>? Authors { get; init; }

    /// <summary>None: all.</summary>
    public IReadOnlyList<string>? Subreddits { get; init; }

    /// <summary><c>low</c>, <c>medium</c> (also when left out) or <c>high</c>.</summary>
    public string? Sensitivity { get; init; }

    /// <summary>Of what is measured, instead of what the sensitivity asks.</summary>
    public double? MinStrength { get; init; }

    /// <summary>Ids of channels; none: the alerts are only listed.</summary>
    public IReadOnlyList<long>? Channels { get; init; }

    /// <summary>Of the same subject one alert in each such span of time: 0 to 10080, 60 when left out.</summary>
    public int? DedupeMinutes { get; init; }

    /// <summary>Alerts of so many minutes are sent together: 5 to 1440; null: each at once.</summary>
    public int? DigestMinutes { get; init; }

    /// <summary>What falls into them is sent as one when they end.</summary>
    public AlertQuietHours? QuietHours { get; init; }

    /// <summary>Until then alerts are listed and not sent.</summary>
    public DateTimeOffset? MutedUntil { get; init; }

    /// <summary>True when left out.</summary>
    public bool? Active { get; init; }
}

/// <param name="From"><c>22:00</c>.</param>
/// <param name="To"><c>07:00</c>; not after <paramref name="From"/>: of the next day.</param>
/// <param name="TimeZone">IANA: <c>Europe/Berlin</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlertQuietHours(string? From, string? To, string? TimeZone);

/// <param name="Until">Null: no longer.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlertMute(DateTimeOffset? Until);

/// <summary>What a rule would have fired on.</summary>
public sealed record AlertPreviewView
{
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset To { get; init; }

    /// <summary>In words.</summary>
    public required string Summary { get; init; }

    public required int Count { get; init; }

    /// <summary>There were more matches than are looked at, so the numbers are the least.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Alerts a day to expect, by sensitivity.</summary>
    public required IReadOnlyDictionary<string, double> PerDay { get; init; }

    /// <summary>The newest, newest first.</summary>
    public required IReadOnlyList<AlertPreviewMatch> Results { get; init; }
}

public sealed record AlertPreviewMatch
{
    public required DateTimeOffset OccurredAt { get; init; }
    public string? Subject { get; init; }
    public string? Subreddit { get; init; }
    public double? Strength { get; init; }
    public double? Observed { get; init; }
    public double? Expected { get; init; }
    public AlertPost? Post { get; init; }
}

public sealed record AlertChannelList(IReadOnlyList<AlertChannelView> Results);

/// <summary>Without its target, which may be a secret.</summary>
public sealed record AlertChannelView
{
    public required long Id { get; init; }
    public required string Name { get; init; }

    /// <summary><c>webhook</c>, <c>slack</c>, <c>discord</c> or <c>email</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The host of the target, or the address of mail.</summary>
    public required string Hint { get; init; }

    public required bool Active { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Also the <c>ETag</c>, without the quotes.</summary>
    public required string Version { get; init; }
}

/// <param name="Channel">The new one.</param>
/// <param name="Secret">What a webhook's messages are signed with, shown this once; null for other kinds.</param>
public sealed record CreatedAlertChannel(AlertChannelView Channel, string? Secret);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlertChannelDefinition
{
    public string? Name { get; init; }

    /// <summary><c>webhook</c>, <c>slack</c>, <c>discord</c> or <c>email</c>; it never changes.</summary>
    public string? Kind { get; init; }

    /// <summary>An address of the web, or of mail; with <c>PUT</c> null: as it is.</summary>
    public string? Target { get; init; }

    /// <summary>True when left out.</summary>
    public bool? Active { get; init; }
}
