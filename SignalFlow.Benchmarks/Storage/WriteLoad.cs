using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Batches for a filled database: posts that are new, and the next observations of posts of the last days. No post comes twice.</summary>
internal sealed class WriteLoad
{
    /// <summary>Made-up ids begin otherwise, so new posts are found again.</summary>
    private const string IdPrefix = "zz";

    // Where there are few, all of them.
    private const int FewPosts = 200_000;
    private static readonly TimeSpan Recent = TimeSpan.FromDays(5);

    private readonly NpgsqlDataSource _source;
    private readonly StorageData _data;
    private readonly string[] _subreddits;
    private readonly Queue<string> _stored;
    private readonly long _start;
    private int _made;

    private WriteLoad(NpgsqlDataSource source, StorageData data, string[] subreddits, Queue<string> stored, long start)
    {
        _source = source;
        _data = data;
        _subreddits = subreddits;
        _stored = stored;
        _start = start;
    }

    /// <summary>Posts that can be observed again.</summary>
    public int Stored => _stored.Count;

    public static async Task<WriteLoad> CreateAsync(NpgsqlDataSource source, StorageData data, CancellationToken cancellationToken)
    {
        var since = data.Now - (data.Posts < FewPosts ? TimeSpan.FromDays(StorageData.Days + 1) : Recent);
        var subreddits = await ScalarAsync<string[]>(source, "SELECT array_agg(name ORDER BY id) FROM subreddits", cancellationToken);
        // After everything that earlier runs have written.
        var newest = await ScalarAsync<DateTime>(source, "SELECT max(last_polled_at) FROM posts WHERE created_utc > $1", cancellationToken, since);
        // In no order, as the posts of a batch are.
        var stored = await ScalarAsync<string[]>(
            source,
            "SELECT array_agg(id ORDER BY md5(id)) FROM posts WHERE created_utc > $1 AND purged_at IS NULL", cancellationToken, since);
        return new(source, data, subreddits, new(stored), StorageData.Microseconds(newest) + 1_000_000);
    }

    /// <param name="fresh">How many of them are new.</param>
    /// <param name="again">How many are stored.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<PostBatch> BatchAsync(int fresh, int again, CancellationToken cancellationToken)
    {
        var changes = new List<PostChange>(fresh + again);
        for (var number = 0; number < fresh; number++)
            changes.Add(Fresh());
        if (again > 0)
        {
            var ids = Enumerable.Range(0, again).Select(_ => _stored.Dequeue()).ToArray();
            var known = await new PostWriter(_source, new(_source)).LoadAsync(ids, cancellationToken);
            changes.AddRange(known.Select(post => Again(post.Key, post.Value)));
        }

        return new(
            changes,
            changes.ConvertAll(change => new HistoryEntry(change.Newest.Id, change.Newest.Subreddit, change.State.Last, change.Newest.UpvoteRatio)));
    }

    /// <summary>Deletes the new posts of this and earlier runs, and every observation that they have made.</summary>
    public static async Task DeleteWrittenAsync(NpgsqlDataSource source, StorageData data, CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new("DELETE FROM post_metrics_history WHERE captured_at > $1") { Parameters = { new() { Value = data.Now } } });
        batch.BatchCommands.Add(new($"DELETE FROM posts WHERE id LIKE '{IdPrefix}%'"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        // Else the dead rows, the newest of all, would be in the way of the next run's first pages.
        await using var vacuum = source.CreateCommand("VACUUM (ANALYZE) posts, post_nlp_features, post_metrics_history");
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
    }

    private PostChange Fresh()
    {
        var number = _made++;
        var content = PostContent.Of(number);
        var sample = new Sample(_start + number, 1 + number % 50, number % 7);
        var id = $"{IdPrefix}{unchecked((uint)number * 2_654_435_761u):x8}";
        return new()
        {
            Newest = Observation(id, content, number % _subreddits.Length, _start + number - 30_000_000, sample),
            State = PostState.First(sample),
            TrendingScore = 0,
            IsTrending = false,
            Nlp = new(content.Sentiment, content.Label, content.Keywords) { Negative = 0.1, Neutral = 0.7, Positive = 0.2, TextPrint = number },
        };
    }

    private PostChange Again(string id, KnownPost known)
    {
        var post = StorageData.Number(id);
        var last = known.State.Last;
        var sample = new Sample(_start + _made++, last.Score + 1 + post % 30, last.Comments + post % 3);
        return new()
        {
            Newest = Observation(id, PostContent.Of(post), _data.Subreddit(post), _data.Created(post), sample),
            State = known.State.Add(sample),
            TrendingScore = 0,
            IsTrending = false,
            Nlp = null,
        };
    }

    private PostObservation Observation(string id, PostContent content, int subreddit, long created, Sample sample) => new()
    {
        Id = id,
        Title = content.Title,
        Selftext = content.Body,
        Subreddit = _subreddits[subreddit],
        Author = content.Author,
        Flair = content.Flair,
        Over18 = content.Over18,
        CreatedUtc = created / 1e6,
        Score = sample.Score,
        NumComments = sample.Comments,
        UpvoteRatio = 0.9,
        Url = $"https://www.reddit.com/r/subreddit_{subreddit}/comments/{id}/",
        Permalink = $"/r/subreddit_{subreddit}/comments/{id}/",
        PollPriority = "aggressive",
        ObservedAt = sample.At / 1e6,
        LastPolledAt = sample.At / 1e6,
    };

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
