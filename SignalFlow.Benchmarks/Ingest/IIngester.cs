namespace SignalFlow.Benchmarks.Ingest;

/// <summary>What asks Reddit for posts, one request at a time: this repository's planner, or a model of another.</summary>
internal interface IIngester
{
    /// <summary>When a post is to be looked at again, the youngest first.</summary>
    IReadOnlyList<RefreshStep> RefreshSteps { get; }

    /// <summary>Between two looks at a subreddit of a tier.</summary>
    TimeSpan PollInterval(string tier);

    /// <summary>Sends the request that is due, if any, and waits for its end.</summary>
    /// <returns>Null when one was sent; else when to ask again.</returns>
    Task<DateTimeOffset?> StepAsync(CancellationToken cancellationToken);
}
