namespace SignalFlow.Processing.Terms;

/// <summary>Closes bucket after bucket of the stored posts, for one process at a time; another goes on where its predecessor stopped.</summary>
internal sealed partial class TermKeeper(TermStore store, ILogger<TermKeeper> logger)
{
    /// <summary>History begins this far back at most: what is older is not counted any more.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromDays(14);

    private TermStream? _stream;
    private DateTimeOffset? _stored;

    /// <summary>Forgets what it knows: another process may have gone on meanwhile.</summary>
    public void Reset() => _stream = null;

    /// <param name="until">What was published before is stored.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False: no bucket was over by then.</returns>
    public async Task<bool> CloseNextAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (_stream is null || _stored != await store.EndAsync(cancellationToken))
        {
            _stream = await store.RestoreAsync(cancellationToken);
            _stored = await store.EndAsync(cancellationToken);
        }

        var next = _stream.Next ?? (await store.FirstPostAsync(until - Reach, cancellationToken) is { } first ? TermClock.HourOf(first) : null);
        if (next is not { } bucket || TermClock.ClosesAt(bucket) > until)
            return false;
        var result = _stream.Close(bucket, await store.PostsAsync(bucket, cancellationToken));
        await store.StoreAsync(result, cancellationToken);
        if (result.Hours is [.., { } ended])
            _stored = ended.Hour + TimeSpan.FromHours(1);
        foreach (var burst in result.Bursts)
            LogBurst(burst.Bucket.UtcDateTime, burst.Authors, burst.Expected);
        return true;
    }

    // Not the term: a log would outlive the post whose author has deleted it.
    [LoggerMessage(LogLevel.Debug, "A term of the bucket {Bucket:u} had {Authors} authors instead of {Expected}")]
    private partial void LogBurst(DateTime bucket, int authors, double expected);
}
