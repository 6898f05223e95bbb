using Npgsql;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Storage.Rollups;

/// <summary>
/// Tells the rollup jobs, before a batch is written, which hours it changes. One statement for many batches: an hour is marked again only
/// when its mark is some seconds old.
/// </summary>
internal sealed class RollupMarks(NpgsqlDataSource dataSource)
{
    public const string Posts = "posts";
    public const string History = "history";

    /// <summary>
    /// A count sees every transaction that has marked its hours longer ago than this before the count began: the age of a mark that is used
    /// again, and the time that the transaction may take.
    /// </summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Reuse = TimeSpan.FromSeconds(10);

    // Hours of a day or two, as a rule; many only while old posts are imported.
    private const int Most = 10_000;

    private readonly Dictionary<(string Source, DateTime Bucket), long> _marked = [];
    private readonly Lock _lock = new();

    /// <param name="batch">What is about to be written.</param>
    /// <param name="withHistory">Whether the hours of observations are counted by a job of ours.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task TouchAsync(PostBatch batch, bool withHistory, CancellationToken cancellationToken)
    {
        var due = Due(batch, withHistory);
        if (due.Count == 0)
            return;
        var now = Environment.TickCount64;
        // Sorted, so that two writers cannot deadlock.
        due.Sort();
        await using var command = dataSource.CreateCommand("""
            INSERT INTO rollup_marks AS mark (source, bucket, touched_at)
            SELECT source, bucket, now() FROM unnest($1, $2) AS given (source, bucket)
            ON CONFLICT (source, bucket) DO UPDATE SET touched_at = excluded.touched_at WHERE mark.touched_at < excluded.touched_at
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. due.Select(mark => mark.Source)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. due.Select(mark => mark.Bucket)] });
        await command.ExecuteNonQueryAsync(cancellationToken);
        lock (_lock)
        {
            if (_marked.Count + due.Count > Most)
                _marked.Clear();
            foreach (var mark in due)
                _marked[mark] = now;
        }
    }

    /// <summary>Has every hour marked again: the database was restored or emptied under us.</summary>
    public void Forget()
    {
        lock (_lock)
            _marked.Clear();
    }

    private List<(string Source, DateTime Bucket)> Due(PostBatch batch, bool withHistory)
    {
        var fresh = Environment.TickCount64 - (long)Reuse.TotalMilliseconds;
        var due = new List<(string, DateTime)>();
        lock (_lock)
        {
            foreach (var post in batch.Posts)
                AddIfOld(Posts, PostWriter.ToDateTime(post.Newest.CreatedUtc));
            if (withHistory)
            {
                foreach (var entry in batch.History)
                    AddIfOld(History, PostWriter.ToDateTime(entry.Sample.At));
            }
        }

        return due;

        void AddIfOld(string source, DateTime at)
        {
            var mark = (source, new DateTime(at.Ticks - at.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc));
            if ((!_marked.TryGetValue(mark, out var since) || since < fresh) && !due.Contains(mark))
                due.Add(mark);
        }
    }
}
