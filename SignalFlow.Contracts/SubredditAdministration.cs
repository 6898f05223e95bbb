using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>Configured subreddits, by name. <see cref="PostPage"/> has the paging.</summary>
public sealed record ConfiguredSubredditPage
{
    public string? Next { get; init; }
    public string? Previous { get; init; }
    public required IReadOnlyList<ConfiguredSubreddit> Results { get; init; }
}

public sealed record ConfiguredSubreddit
{
    public required string Name { get; init; }

    /// <summary><c>fast</c>, <c>medium</c> or <c>slow</c>.</summary>
    public required string Tier { get; init; }

    /// <summary>Seconds between polls; null: the interval of the tier.</summary>
    public int? IntervalSeconds { get; init; }

    /// <summary>False: paused.</summary>
    public required bool Active { get; init; }

    public required string AddedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Changes with every change; also the <c>ETag</c>, without the quotes.</summary>
    public required string Version { get; init; }

    public required SubredditPolling Polling { get; init; }
}

/// <summary>What ingestion has found out; all null before the first poll.</summary>
public sealed record SubredditPolling
{
    /// <summary><c>ok</c>, <c>new</c>, <c>pending</c> (not polled yet), or why it cannot be polled.</summary>
    public required string Status { get; init; }

    public string? Detail { get; init; }
    public DateTimeOffset? StatusSince { get; init; }

    /// <summary>Whether Reddit has it; null while that is not known.</summary>
    public bool? Exists { get; init; }

    /// <summary>Whether everybody may read it; null while that is not known.</summary>
    public bool? Readable { get; init; }

    public DateTimeOffset? LastPollAt { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? NextPollAt { get; init; }
    public DateTimeOffset? NewestPostAt { get; init; }
    public double? PostsPerHour { get; init; }

    /// <summary>Posts known to be missing.</summary>
    public required int Gaps { get; init; }
}

/// <summary>A subreddit to add, or with <c>PATCH</c> what to change: what is left out stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SubredditChange
{
    private int? _intervalSeconds;

    public string? Name { get; init; }
    public string? Tier { get; init; }

    public int? IntervalSeconds
    {
        get => _intervalSeconds;
        // Not init: the serializer sets what is init also when it is not given.
        set => (_intervalSeconds, HasInterval) = (value, true);
    }

    /// <summary>It was given: null asks for the tier's interval.</summary>
    [JsonIgnore]
    public bool HasInterval { get; private set; }

    public bool? Active { get; init; }
}

public sealed record SubredditImportReport
{
    /// <summary>False: nothing was changed, because it was a dry run or because of refused lines.</summary>
    public required bool Applied { get; init; }

    public required bool DryRun { get; init; }
    public required int Added { get; init; }
    public required int Changed { get; init; }
    public required int Unchanged { get; init; }
    public required int Refused { get; init; }
    public required IReadOnlyList<SubredditImportLine> Lines { get; init; }
}

/// <param name="Line">Of the file, from 1; the first one names the columns.</param>
/// <param name="Result"><c>added</c>, <c>changed</c>, <c>unchanged</c> or <c>refused</c>.</param>
/// <param name="Field">The column at fault.</param>
public sealed record SubredditImportLine(int Line, string? Name, string Result, string? Field, string? Reason);

/// <summary>What the processes that decide on trending posts work with.</summary>
public sealed record TrendingThresholds
{
    /// <summary>Of the process that has reported last; null while none has.</summary>
    public TrendingValues? Thresholds { get; init; }

    /// <summary>Every process has the same.</summary>
    public required bool Agree { get; init; }

    public required IReadOnlyList<TrendingInstance> Instances { get; init; }
}

/// <summary>The trending rule: what is above a threshold adds to the score.</summary>
public sealed record TrendingValues(double VelocityHigh, double VelocityLow, double SentimentMin, int CommentMin, double Cutoff);

/// <param name="Since">When it began to work with them.</param>
public sealed record TrendingInstance(string Instance, TrendingValues Thresholds, DateTimeOffset Since, DateTimeOffset ReportedAt);
