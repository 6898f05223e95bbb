using System.Diagnostics.Metrics;
using System.Globalization;
using Npgsql;
using SignalFlow.Storage;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>A database of any mode, what the writer puts into it, and what the housekeeping of its mode does.</summary>
internal sealed class StoredObservations : IAsyncDisposable
{
    private readonly StorageServer _server;
    private readonly HistoryPartitions _partitions;
    private readonly PostWriter _writer;
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private StoredObservations(StorageServer server, MigratedDatabase database)
    {
        _server = server;
        Database = database;
        _partitions = new(database.DataSource);
        _writer = new(database.DataSource, _partitions);
    }

    public MigratedDatabase Database { get; }

    public StorageMode ExpectedMode => _server switch
    {
        StorageServer.Plain => StorageMode.Plain,
        StorageServer.Apache => StorageMode.Apache,
        _ => StorageMode.Timescale,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<StoredObservations> CreateAsync(StorageServers servers, StorageServer server, PostgresFixture postgres) =>
        new(server, await MigratedDatabase.CreateAsync(servers, server, postgres));

    public ValueTask<StorageMode> ModeAsync() => _partitions.ModeAsync(Cancel);

    public StorageJobRunner Runner() => new(Database.DataSource, new StorageMetrics(_meters.GetRequiredService<IMeterFactory>()));

    public HistoryEntry At(string post, DateTime at, int score, string subreddit = "technology") =>
        new(post, subreddit, new((at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, score, score / 3), 0.5);

    public HistoryEntry[] Random(Random random, int posts, int count, DateTime start, TimeSpan span) =>
    [
        .. Enumerable.Range(0, count)
            .Select(_ => random.Next(posts))
            .Select(post => At($"p{post}", start.AddSeconds(random.Next((int)span.TotalSeconds)), random.Next(10_000), $"sub{post % 3}"))
            .DistinctBy(entry => (entry.PostId, entry.Sample.At)),
    ];

    /// <summary>One batch: the observations, and the newest of each post as its row.</summary>
    public async Task WriteAsync(params HistoryEntry[] observations)
    {
        var posts = observations.GroupBy(entry => entry.PostId).Select(post => Change(post.MaxBy(entry => entry.Sample.At))).ToList();
        await _writer.WriteAsync(new(posts, [.. observations]), Cancel);
    }

    /// <summary>Brings the hourly figures up to date, as the mode does it.</summary>
    public async Task RefreshAsync(DateTime now)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancel);
        if (ExpectedMode == StorageMode.Timescale)
        {
            // The policy's job, but with the clock of the test; never what retention may have dropped.
            await using var refresh = new NpgsqlCommand("CALL refresh_continuous_aggregate('post_metrics_hourly', $1, $2)", connection)
            {
                Parameters = { new() { Value = now.AddDays(-89) }, new() { Value = now.AddHours(-1) } },
            };
            await refresh.ExecuteNonQueryAsync(Cancel);
            return;
        }

        await HourlyRollup.RunAsync(connection, now, now.AddDays(-90), Cancel);
    }

    /// <summary>Runs the retention of the mode now.</summary>
    public async Task RetainAsync(int days)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancel);
        if (ExpectedMode != StorageMode.Timescale)
        {
            await HistoryRetention.RunAsync(connection, ExpectedMode, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-days), Cancel);
            return;
        }

        await TimescalePolicies.ApplyAsync(connection, new() { RetentionDays = days }, Cancel);
        await RunPolicyAsync(connection, "policy_retention");
    }

    public async Task<long> ApplyPoliciesAsync(StorageOptions options)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancel);
        return await TimescalePolicies.ApplyAsync(connection, options, Cancel);
    }

    public async Task RunPolicyAsync(string procedure)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancel);
        await RunPolicyAsync(connection, procedure);
    }

    public Task<IReadOnlyList<string>> PoliciesAsync() => Database.TextsAsync("""
        SELECT concat_ws('|', proc_name, schedule_interval, config ->> 'drop_after', config ->> 'compress_after', config ->> 'start_offset', config ->> 'end_offset')
        FROM timescaledb_information.jobs
        WHERE proc_name IN ('policy_retention', 'policy_compression', 'policy_refresh_continuous_aggregate') ORDER BY proc_name
        """);

    private static async Task RunPolicyAsync(NpgsqlConnection connection, string procedure)
    {
        await using var find = new NpgsqlCommand("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = $1", connection)
        {
            Parameters = { new() { Value = procedure } },
        };
        var job = (int)(await find.ExecuteScalarAsync(Cancel))!;
        await using var run = new NpgsqlCommand($"CALL run_job({job})", connection);
        await run.ExecuteNonQueryAsync(Cancel);
    }

    public Task<IReadOnlyList<string>> HistoryAsync() => Database.TextsAsync("""
        SELECT concat_ws('|', post_id, extract(epoch FROM captured_at)::bigint, score, num_comments) AS entry
        FROM post_metrics_history ORDER BY concat_ws('|', post_id, extract(epoch FROM captured_at)::bigint, score, num_comments) COLLATE "C"
        """);

    public static string Row(HistoryEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.PostId}|{entry.Sample.At / 1_000_000}|{entry.Sample.Score}|{entry.Sample.Comments}");

    public Task<IReadOnlyList<string>> HourlyAsync() => Database.TextsAsync("""
        SELECT concat_ws('|', extract(epoch FROM bucket)::bigint, subreddit.name, observations, score_sum, comments_sum,
          round(avg_score::numeric, 6), round(avg_comments::numeric, 6), max_score, max_comments)
        FROM post_metrics_hourly hour JOIN subreddits subreddit ON subreddit.id = hour.subreddit_id
        ORDER BY bucket, subreddit.name COLLATE "C"
        """);

    /// <summary>What <see cref="HourlyAsync"/> must tell.</summary>
    public static IReadOnlyList<string> Hourly(IEnumerable<HistoryEntry> entries) =>
    [
        .. entries
            .GroupBy(entry => (Hour: entry.Sample.At / 3_600_000_000 * 3600, entry.Subreddit))
            .OrderBy(hour => hour.Key.Hour).ThenBy(hour => hour.Key.Subreddit, StringComparer.Ordinal)
            .Select(hour => string.Create(CultureInfo.InvariantCulture, $"""
                {hour.Key.Hour}|{hour.Key.Subreddit}|{hour.Count()}|{hour.Sum(entry => (long)entry.Sample.Score)}|{hour.Sum(entry => (long)entry.Sample.Comments)}|{hour.Average(entry => (decimal)entry.Sample.Score):F6}|{hour.Average(entry => (decimal)entry.Sample.Comments):F6}|{hour.Max(entry => entry.Sample.Score)}|{hour.Max(entry => entry.Sample.Comments)}
                """)),
    ];

    private static PostChange Change(HistoryEntry newest) => new()
    {
        Newest = new()
        {
            Id = newest.PostId,
            Title = $"Title of {newest.PostId}",
            Subreddit = newest.Subreddit,
            Author = "someone",
            CreatedUtc = 1_795_000_000,
            Score = newest.Sample.Score,
            NumComments = newest.Sample.Comments,
            UpvoteRatio = newest.UpvoteRatio,
        },
        State = PostState.First(newest.Sample),
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.1, "neutral", ["one"]),
    };

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _meters.DisposeAsync();
    }
}
