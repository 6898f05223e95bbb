using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>One's own alerts, newest first. <see cref="PostPage"/> has the paging.</summary>
public sealed record AlertPage
{
    public string? Next { get; init; }
    public string? Previous { get; init; }
    public required IReadOnlyList<AlertView> Results { get; init; }
}

public sealed record AlertView
{
    public required long Id { get; init; }
    public required long RuleId { get; init; }
    public required string RuleName { get; init; }

    /// <summary>Of the rule: <c>query</c>, <c>volume</c>, <c>author</c>, <c>surge</c>, <c>term_burst</c>, <c>sentiment_shift</c> or <c>anomaly</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Why it fired, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When what it is about happened; of a post: when it was first seen.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    public required DateTimeOffset FiredAt { get; init; }

    /// <summary>Of an event: a post, a term, a subreddit or a topic.</summary>
    public string? Subject { get; init; }

    public string? Subreddit { get; init; }

    /// <summary>How far from the usual; null where that is not asked.</summary>
    public double? Strength { get; init; }

    /// <summary>Posts in the hour, and how many there usually are.</summary>
    public double? Observed { get; init; }

    public double? Expected { get; init; }
    public string? PostId { get; init; }

    /// <summary>As it is now; null where there is none, or no more.</summary>
    public AlertPost? Post { get; init; }

    /// <summary>The rule was muted, so nothing was sent.</summary>
    public required bool Muted { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }
}

public sealed record AlertPost
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string Subreddit { get; init; }
    public string? Author { get; init; }
    public string? Url { get; init; }
    public string? Permalink { get; init; }
    public required int Score { get; init; }
    public required int Comments { get; init; }
    public bool Over18 { get; init; }
}

/// <summary>How many alerts were acknowledged.</summary>
public sealed record AlertsAcknowledged(int Acknowledged);

/// <summary>The body that webhooks get.</summary>
/// <param name="Id">The same in every attempt; also the header <c>X-SignalFlow-Delivery</c>.</param>
/// <param name="Type"><c>alerts</c> or <c>test</c>.</param>
/// <param name="Rule">Null: a test.</param>
/// <param name="Count">Of the alerts; a long digest does not have all of them.</param>
public sealed record AlertMessage(Guid Id, string Type, DateTimeOffset CreatedAt, AlertMessageRule? Rule, int Count, IReadOnlyList<AlertView> Alerts);

public sealed record AlertMessageRule(long Id, string Name, string Kind);

/// <summary>What was sent to a channel, newest first.</summary>
public sealed record AlertDeliveryList(IReadOnlyList<AlertDeliveryView> Results);

public sealed record AlertDeliveryView
{
    public required Guid Id { get; init; }

    /// <summary>Null: a test.</summary>
    public long? RuleId { get; init; }

    /// <summary><c>pending</c>, <c>delivered</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    public required IReadOnlyList<long> AlertIds { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Of the next attempt, while it is pending.</summary>
    public required DateTimeOffset DueAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
    public required IReadOnlyList<AlertAttemptView> Attempts { get; init; }
}

/// <param name="Status">Of the answer; null: there was none.</param>
public sealed record AlertAttemptView(int Attempt, DateTimeOffset At, int? Status, string? Error, double DurationMs);

/// <summary>The test was put in line.</summary>
public sealed record AlertTestView(Guid Id);

public sealed record FeedAddress
{
    /// <summary>Whoever knows it may read the feed; it is shown this once.</summary>
    public required string Atom { get; init; }

    public required string Json { get; init; }
}

/// <summary>JSON Feed 1.1.</summary>
public sealed record JsonFeed(string Version, string Title, string FeedUrl, string HomePageUrl, IReadOnlyList<JsonFeedItem> Items);

public sealed record JsonFeedItem
{
    public required string Id { get; init; }
    public required string Url { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExternalUrl { get; init; }

    public required string Title { get; init; }
    public required string ContentText { get; init; }
    public required DateTimeOffset DatePublished { get; init; }
    public required IReadOnlyList<JsonFeedAuthor> Authors { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
}

public sealed record JsonFeedAuthor(string Name);
