using SignalFlow.Storage.Alerts.Queries;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>What a rule looks for.</summary>
public sealed record RuleCondition
{
    /// <summary>One of <see cref="AlertKinds.All"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of posts; of a surge, what its post must be besides.</summary>
    public string? Query { get; init; }

    public string[] Authors { get; init; } = [];

    /// <summary>In lower case; none: all.</summary>
    public string[] Subreddits { get; init; } = [];

    public string Sensitivity { get; init; } = AlertSensitivity.Medium;

    /// <summary>Instead of what the sensitivity asks of events.</summary>
    public double? MinStrength { get; init; }

    /// <summary>Of the same subject one alert in each such span of time; 0: every match is one.</summary>
    public int DedupeMinutes { get; init; } = 60;

    /// <summary>What posts must be; null: anything.</summary>
    public QueryNode? Parsed => Kind == AlertKinds.Author
        ? Authors.Select(author => (QueryNode)new FieldNode(PostField.Author, author)).Aggregate((left, right) => new PairNode(false, left, right))
        : Query is null ? null : AlertQuery.Parse(Query);

    public double LeastStrength => MinStrength ?? AlertSensitivity.LeastStrength(Kind, Sensitivity);

    public TimeSpan Dedupe => TimeSpan.FromMinutes(DedupeMinutes);
}

/// <summary>What somebody wants of a rule.</summary>
public sealed record RuleDefinition
{
    public required string Name { get; init; }
    public required RuleCondition Condition { get; init; }

    /// <summary>Where its alerts are sent, besides being listed.</summary>
    public long[] Channels { get; init; } = [];

    /// <summary>Alerts of so many minutes are sent together; null: each at once.</summary>
    public int? DigestMinutes { get; init; }

    public QuietTime? Quiet { get; init; }
    public DateTimeOffset? MutedUntil { get; init; }
    public bool Active { get; init; } = true;
}

/// <summary>A row of <c>alert_rules</c>.</summary>
public sealed record AlertRule(long Id, Guid UserId, RuleDefinition Definition, RuleState State)
{
    public RuleCondition Condition => Definition.Condition;
}

/// <param name="Version">Changes with every change of its owner.</param>
/// <param name="Since">It fires on nothing that happened before.</param>
/// <param name="Error">Why the last evaluation failed.</param>
/// <param name="Suppressed">Found beyond what a rule may fire in an hour.</param>
public sealed record RuleState(
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset Since,
    DateTimeOffset CountedTo,
    ulong? EvaluatedTo,
    DateTimeOffset? EvaluatedAt,
    string? Error,
    long Suppressed);
