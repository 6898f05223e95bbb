using Npgsql;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>
/// The best hand-written way to store the same batch: three prepared statements with arrays in one round trip on a connection that stays open,
/// rows in the order of their keys, only what changes in the update. It trusts its caller: no subreddit is new, nothing is purged or older than
/// what is stored, and what it overwrites it does not tell.
/// </summary>
internal sealed class HandWrittenWriter : IAsyncDisposable
{
    private const string Posts = """
        INSERT INTO posts AS post (
          id, subreddit_id, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at, last_polled_at,
          current_score, current_comments, current_ratio, prev_polled_at, prev_score, prev_comments, poll_priority, score_velocity, comment_velocity)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
        ON CONFLICT (id) DO UPDATE SET
          last_polled_at = excluded.last_polled_at, current_score = excluded.current_score, current_comments = excluded.current_comments,
          current_ratio = excluded.current_ratio, prev_polled_at = excluded.prev_polled_at, prev_score = excluded.prev_score,
          prev_comments = excluded.prev_comments, poll_priority = excluded.poll_priority, score_velocity = excluded.score_velocity,
          comment_velocity = excluded.comment_velocity
        WHERE excluded.last_polled_at > post.last_polled_at
        """;

    private const string Features = """
        INSERT INTO post_nlp_features (
          post_id, sentiment_score, sentiment_label, keywords, sentiment_neg, sentiment_neu, sentiment_pos, text_print, created_utc, document)
        SELECT id, score, label, string_to_array(keywords, E'\x1f'), negative, neutral, positive, print, created_utc, search_document(title, selftext)
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS given (
          id, score, label, keywords, negative, neutral, positive, print, created_utc, title, selftext)
        ON CONFLICT (post_id) DO NOTHING
        """;

    private const string History = """
        INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        ON CONFLICT (post_id, captured_at) DO NOTHING
        """;

    private readonly NpgsqlConnection _connection;
    private readonly Dictionary<string, int> _subreddits;

    private HandWrittenWriter(NpgsqlConnection connection, Dictionary<string, int> subreddits)
    {
        _connection = connection;
        _subreddits = subreddits;
    }

    public static async Task<HandWrittenWriter> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT name, id FROM subreddits", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var subreddits = new Dictionary<string, int>();
        while (await reader.ReadAsync(cancellationToken))
            subreddits.Add(reader.GetString(0), reader.GetInt32(1));
        return new(connection, subreddits);
    }

    public async Task WriteAsync(PostBatch batch, CancellationToken cancellationToken)
    {
        var posts = batch.Posts.ToList();
        posts.Sort((one, other) => string.CompareOrdinal(one.Newest.Id, other.Newest.Id));
        var history = batch.History.ToList();
        history.Sort((one, other) => string.CompareOrdinal(one.PostId, other.PostId));
        await using var commands = new NpgsqlBatch(_connection);
        commands.BatchCommands.Add(PostsOf(posts));
        commands.BatchCommands.Add(FeaturesOf(posts.FindAll(post => post.Nlp is not null)));
        commands.BatchCommands.Add(HistoryOf(history));
        await commands.PrepareAsync(cancellationToken);
        await commands.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private NpgsqlBatchCommand PostsOf(List<PostChange> posts)
    {
        var command = new NpgsqlBatchCommand(Posts);
        var parameters = command.Parameters;
        PostWriter.Add(parameters, posts, post => post.Newest.Id);
        PostWriter.Add(parameters, posts, post => _subreddits[post.Newest.Subreddit]);
        PostWriter.Add(parameters, posts, post => post.Newest.Title);
        PostWriter.Add(parameters, posts, post => post.Newest.Selftext);
        PostWriter.Add(parameters, posts, post => post.Newest.Author);
        PostWriter.Add(parameters, posts, post => post.Newest.Url);
        PostWriter.Add(parameters, posts, post => post.Newest.Permalink);
        PostWriter.Add(parameters, posts, post => post.Newest.Flair);
        PostWriter.Add(parameters, posts, post => post.Newest.Over18);
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.Newest.CreatedUtc));
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.State.FirstSeen));
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.State.Last.At));
        PostWriter.Add(parameters, posts, post => post.State.Last.Score);
        PostWriter.Add(parameters, posts, post => post.State.Last.Comments);
        PostWriter.Add(parameters, posts, post => post.Newest.UpvoteRatio);
        PostWriter.Add(parameters, posts, post => post.State.Previous is { } previous ? PostWriter.ToDateTime(previous.At) : (DateTime?)null);
        PostWriter.Add(parameters, posts, post => post.State.Previous?.Score);
        PostWriter.Add(parameters, posts, post => post.State.Previous?.Comments);
        PostWriter.Add(parameters, posts, post => post.Newest.PollPriority);
        PostWriter.Add(parameters, posts, post => post.State.ScoreVelocity);
        PostWriter.Add(parameters, posts, post => post.State.CommentVelocity);
        return command;
    }

    private static NpgsqlBatchCommand FeaturesOf(List<PostChange> posts)
    {
        var command = new NpgsqlBatchCommand(Features);
        PostWriter.Add(command.Parameters, posts, post => post.Newest.Id);
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.SentimentScore);
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.SentimentLabel);
        PostWriter.Add(command.Parameters, posts, post => string.Join('\x1f', post.Nlp!.Keywords));
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.Negative);
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.Neutral);
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.Positive);
        PostWriter.Add(command.Parameters, posts, post => post.Nlp!.TextPrint);
        PostWriter.Add(command.Parameters, posts, post => PostWriter.ToDateTime(post.Newest.CreatedUtc));
        PostWriter.Add(command.Parameters, posts, post => post.Newest.Title);
        PostWriter.Add(command.Parameters, posts, post => post.Newest.Selftext);
        return command;
    }

    private NpgsqlBatchCommand HistoryOf(List<HistoryEntry> history)
    {
        var command = new NpgsqlBatchCommand(History);
        PostWriter.Add(command.Parameters, history, entry => entry.PostId);
        PostWriter.Add(command.Parameters, history, entry => PostWriter.ToDateTime(entry.Sample.At));
        PostWriter.Add(command.Parameters, history, entry => _subreddits[entry.Subreddit]);
        PostWriter.Add(command.Parameters, history, entry => entry.Sample.Score);
        PostWriter.Add(command.Parameters, history, entry => entry.Sample.Comments);
        PostWriter.Add(command.Parameters, history, entry => entry.UpvoteRatio);
        return command;
    }
}
