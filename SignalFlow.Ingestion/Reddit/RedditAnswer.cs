namespace SignalFlow.Ingestion.Reddit;

/// <summary>How a request ended. Nothing that Reddit or the network does is an exception to the caller.</summary>
internal abstract record RedditAnswer
{
    /// <summary>When the answer had arrived in full.</summary>
    public DateTimeOffset ArrivedAt { get; init; }

    public RateLimit? RateLimit { get; init; }

    /// <summary>Label of the metric <c>signalflow_ingest_requests_total</c>.</summary>
    public abstract string Outcome { get; }

    public sealed record Page(RedditListing Listing) : RedditAnswer
    {
        public override string Outcome => "ok";
    }

    /// <summary>Asking again soon will not help.</summary>
    /// <param name="Detail">For <see cref="RefusalReason.Renamed"/>: the new name.</param>
    public sealed record Refused(RefusalReason Reason, string? Detail = null) : RedditAnswer
    {
        public override string Outcome => Reason switch
        {
            RefusalReason.Private => "private",
            RefusalReason.Quarantined => "quarantined",
            RefusalReason.Forbidden => "forbidden",
            RefusalReason.Blocked => "blocked",
            RefusalReason.Banned => "banned",
            RefusalReason.NotFound => "not_found",
            RefusalReason.DoesNotExist => "does_not_exist",
            RefusalReason.Renamed => "renamed",
            _ => "rejected",
        };
    }

    /// <summary>A fault that passes: asking again later helps.</summary>
    /// <param name="Fault">A label: <c>server_error</c>, <c>network</c>, <c>timeout</c> or <c>invalid_answer</c>.</param>
    /// <param name="After">When the server says when, else null.</param>
    public sealed record Failed(string Fault, TimeSpan? After) : RedditAnswer
    {
        public override string Outcome => Fault;
    }

    /// <summary>Over the quota; holds for every request of this OAuth application.</summary>
    public sealed record Throttled(TimeSpan? After) : RedditAnswer
    {
        public override string Outcome => "throttled";
    }

    /// <summary>The token was refused and has been dropped: the same request may be sent once more, with a new one.</summary>
    public sealed record Unauthorized : RedditAnswer
    {
        public override string Outcome => "unauthorized";
    }

    /// <summary>No token could be had, so nothing was sent.</summary>
    public sealed record NoToken(TimeSpan After) : RedditAnswer
    {
        public override string Outcome => "no_token";
    }
}

internal enum RefusalReason
{
    Private,
    Quarantined,
    Forbidden,

    /// <summary>Not this subreddit but this client is kept out: Reddit's network answers with an HTML page.</summary>
    Blocked,

    Banned,
    NotFound,

    /// <summary>A redirect to the search for subreddits.</summary>
    DoesNotExist,

    /// <summary>A redirect to another subreddit.</summary>
    Renamed,

    /// <summary>Any other redirect or client error.</summary>
    Rejected,
}
