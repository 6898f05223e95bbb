using System.Globalization;
using Npgsql;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Import;

/// <summary>How one of the original's databases keeps times; it depends on the version that made the table.</summary>
public enum OriginalTimes
{
    /// <summary>As its first schema: times of the server's zone, history with a number of its own.</summary>
    Local,

    /// <summary>As its migrations: history with zone, and without any key.</summary>
    Zoned,

    /// <summary>Unix seconds.</summary>
    Epochs,
}

/// <summary>A small database with the tables of the original system and rows as it leaves them, its known faults among them.</summary>
internal sealed class OriginalSystem : IAsyncDisposable
{
    /// <summary>Posts without peculiarities, enough for three pages; each has three rows of history.</summary>
    public const int Plain = 1_100;

    private readonly OriginalTimes _times;
    private readonly NpgsqlDataSource _dataSource;

    private OriginalSystem(string connectionString, OriginalTimes times)
    {
        ConnectionString = connectionString;
        _times = times;
        _dataSource = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    /// <summary>When the sample begins, in Unix seconds: some days ago, as old history is not imported.</summary>
    public static long Start { get; } = TimeProvider.System.GetUtcNow().AddDays(-5).ToUnixTimeSeconds() / 3600 * 3600;

    private string HistoryType => _times switch { OriginalTimes.Local => "timestamp", OriginalTimes.Zoned => "timestamptz", _ => "double precision" };

    private string PostType => _times == OriginalTimes.Epochs ? "double precision" : "timestamp";

    public static async Task<OriginalSystem> CreateAsync(PostgresFixture postgres, OriginalTimes times = OriginalTimes.Zoned)
    {
        var original = new OriginalSystem(await postgres.CreateDatabaseAsync(), times);
        // Times without zone mean what they mean on this server.
        await original.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''America/New_York''', current_database()); END $$");
        original._dataSource.Clear();
        await original.ExecuteAsync(original.Tables());
        await original.ExecuteAsync(original.PlainRows());
        await original.ExecuteAsync(original.PeculiarRows());
        return original;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <param name="seconds">After <see cref="Start"/>, as a column of this version takes it.</param>
    public string At(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{(_times == OriginalTimes.Epochs ? "" : "to_timestamp")}({Start + seconds:R})");

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    private string Tables() => $"""
        CREATE TABLE subreddits (id serial PRIMARY KEY, name text UNIQUE NOT NULL, created_at timestamp DEFAULT now());
        CREATE TABLE posts (
          id text PRIMARY KEY, subreddit_id int REFERENCES subreddits (id), title text, author text, created_utc {PostType} NOT NULL,
          first_seen_at {PostType}, last_polled_at {PostType}, current_score int DEFAULT 0, current_comments int DEFAULT 0, current_ratio float DEFAULT 0,
          poll_priority text, is_active boolean DEFAULT true, score_velocity float DEFAULT 0, comment_velocity float DEFAULT 0,
          trending_score float DEFAULT 0, is_trending boolean DEFAULT false, velocity double precision);
        CREATE TABLE post_metrics_history (
          {(_times == OriginalTimes.Local ? "id bigserial PRIMARY KEY," : "")}
          post_id text REFERENCES posts (id) ON DELETE CASCADE, captured_at {HistoryType}, score int, num_comments int, upvote_ratio float);
        CREATE INDEX ON post_metrics_history (post_id, captured_at DESC);
        CREATE TABLE post_nlp_features (
          post_id text PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE, sentiment_score float, keywords jsonb, topic_cluster int);
        CREATE TABLE subreddit_config (
          id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE, interval_seconds integer NOT NULL DEFAULT 120 CHECK (interval_seconds >= 10),
          priority varchar(10) NOT NULL DEFAULT 'medium' CHECK (priority IN ('fast', 'medium', 'slow')), is_active boolean NOT NULL DEFAULT true,
          added_by varchar(100) NOT NULL DEFAULT '', created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE schema_migrations (version text PRIMARY KEY, description text, applied_at timestamp DEFAULT now());
        INSERT INTO schema_migrations (version) VALUES ('V2'), ('V4');
        """;

    private string PlainRows() => $"""
        INSERT INTO subreddits (name) VALUES ('technology'), ('Worldnews'), ('WORLDNEWS');
        INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments, current_ratio, poll_priority)
        SELECT 'g' || number, 1 + number % 3, 'A plain post ' || number, 'author' || number % 7, {At(0)}, {At(60)}, {At(900.25)}, number, 3, 0.9, 'normal'
        FROM generate_series(1, {Plain}) AS number;
        INSERT INTO post_nlp_features (post_id, sentiment_score, keywords) SELECT id, 0.25, '["plain","post"]' FROM posts;
        INSERT INTO post_metrics_history (post_id, captured_at, score, num_comments, upvote_ratio)
        SELECT id, captured_at, greatest(current_score - behind, 0), 3, 0.9 FROM posts
        CROSS JOIN (VALUES ({At(300.5)}, 20), ({At(600.5)}, 10), ({At(900.255)}, 0)) AS look (captured_at, behind);
        """;

    private string PeculiarRows() => $"""
        INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments, current_ratio, poll_priority, score_velocity, trending_score, is_trending)
        VALUES
          ('once', 1, 'Seen once 👩‍🚀', 'someone', {At(0)}, {At(60.123456)}, NULL, 7, 2, 1, 'aggressive', NULL, NULL, NULL),
          ('grown', 1, 'Great success, it grows', 'someone', {At(0)}, {At(60)}, {At(400.9)}, 1200, 45, 0.97, 'slow', 0, 0, false),
          ('bare', 1, 'This is a terrible disaster', 'deleted', {At(0)}, {At(60)}, {At(120)}, 5, 1, 0.5, 'normal', 0, 0, false),
          ('nulls', 1, 'Wonderful null values', 'someone', {At(0)}, NULL, {At(120)}, 5, 1, NULL, NULL, NULL, NULL, NULL),
          ('object', 1, 'Keywords that are none', 'someone', {At(0)}, {At(60)}, {At(120)}, 5, 1, 7, 'normal', 0, 0, false),
          ('counterless', 1, 'Only history knows', 'someone', {At(0)}, {At(60)}, {At(120)}, NULL, NULL, NULL, 'normal', 0, 0, false),
          ('old', 1, 'Of last quarter', 'someone', {At(-120 * 86400)}, {At(-120 * 86400 + 60)}, {At(-119 * 86400)}, 50, 5, 0.8, 'inactive', 0, 0, false),
          ('nothing', 1, 'Nobody has looked at it', 'someone', {At(0)}, {At(60)}, {At(120)}, NULL, NULL, NULL, 'normal', 0, 0, false),
          ('titleless', 1, NULL, 'someone', {At(0)}, {At(60)}, {At(120)}, 5, 1, 0.5, 'normal', 0, 0, false),
          ('homeless', NULL, 'In no subreddit', 'someone', {At(0)}, {At(60)}, {At(120)}, 5, 1, 0.5, 'normal', 0, 0, false),
          ('ancient', 1, 'From before Reddit', 'someone', {At(-40L * 365 * 86400)}, {At(60)}, {At(120)}, 5, 1, 0.5, 'normal', 0, 0, false),
          ('', 1, 'Without an id', 'someone', {At(0)}, {At(60)}, {At(120)}, 5, 1, 0.5, 'normal', 0, 0, false);
        INSERT INTO post_metrics_history (post_id, captured_at, score, num_comments, upvote_ratio)
        VALUES
          ('grown', {At(100.9)}, 45, 15, 0.9), ('grown', {At(400.905)}, 1200, 45, 0.97),
          -- The same message again: at once, after a restart, and in the same moment.
          ('grown', {At(402)}, 1200, 45, 0.97), ('grown', {At(430)}, 1200, 45, 0.97), ('grown', {At(430)}, 1200, 45, 0.97),
          ('bare', {At(119)}, 4, 1, 0.5), ('bare', {At(130)}, NULL, 1, 0.5), ('bare', NULL, 4, 1, 0.5), ('bare', {At(140)}, 4, -1, 0.5),
          ('counterless', {At(110)}, 3, 1, 0.5),
          ('old', {At(-119 * 86400)}, 50, 5, 0.8), ('old', {At(-119 * 86400 - 300)}, 40, 5, 0.8),
          ('titleless', {At(110)}, 3, 1, 0.5), ('titleless', {At(410)}, 4, 1, 0.5),
          (NULL, {At(110)}, 3, 1, 0.5);
        INSERT INTO post_nlp_features (post_id, sentiment_score, keywords)
        VALUES
          ('once', 0.4404, '["seen","once"]'), ('grown', 0.8316, '["great","success,","grows"]'), ('nulls', NULL, '["wonderful", null, 7, " ", "wonderful"]'),
          ('object', 'NaN', '"text"'), ('counterless', -0.3, 'null'), ('old', 0, '[]'), ('titleless', 0.1, '[]');
        -- What only a broken database can have.
        SET session_replication_role = replica;
        INSERT INTO post_metrics_history (post_id, captured_at, score, num_comments) VALUES ('ghost', {At(110)}, 3, 1), ('zzz', {At(110)}, 3, 1);
        INSERT INTO post_nlp_features (post_id, sentiment_score, keywords) VALUES ('ghost', 0.1, '[]');
        SET session_replication_role = origin;
        INSERT INTO subreddit_config (name, interval_seconds, priority, is_active, added_by, updated_at)
        VALUES
          ('technology', 45, 'fast', true, 'phase2-migration', now()), ('TECHNOLOGY', 300, 'slow', false, '', now() + interval '1 hour'),
          ('news', 60, 'fast', false, 'ops', now()), ('AskReddit', 60, 'fast', false, 'ops', now()), ('golf', 300, 'slow', true, '', now()),
          ('brand_new', 120, 'medium', true, '', now()), ('their_own', 120, 'medium', false, '', now()),
          ('r/slash', 120, 'medium', true, '', now()), ('x', 120, 'medium', true, '', now());
        """;
}
