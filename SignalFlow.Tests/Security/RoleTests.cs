using Microsoft.Extensions.Logging.Testing;
using Npgsql;
using SignalFlow.Storage;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Security;

/// <summary>What each role of the database may do, and that the services need no more.</summary>
public sealed class RoleTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>
    /// Table, then reader, writer, API: Select, Insert, Update, Delete. A new table needs a line here, and its grants in the migration that makes it.
    /// </summary>
    private const string Expected = """
        activity_anomalies: S | SIUD | S
        activity_hours: S | SIUD | S
        alert_attempts: - | SI | S
        alert_channels: - | S | SIUD
        alert_deliveries: - | SIUD | SI
        alert_rules: - | S U(counted_to,error,evaluated_at,evaluated_to,suppressed) | SIUD
        alerts: - | SIUD | SU
        analysis_progress: S | SIU | S
        api_keys: - | - | SIU
        audit_log: - | - | SI
        dlq_events: S | SIUD | SU
        ingestion_shards: S | SIU | S
        pipeline_instances: S | SIUD | S
        pipeline_partitions: S | SIUD | S
        post_author_days: S | SIUD | S
        post_metrics_history: S | SI | S
        post_metrics_hourly: S | S | S
        post_metrics_hourly_rows: S | SIUD | S
        post_metrics_hourly_watermark: S | SIU | S
        post_nlp_features: S | SIUD | S
        post_stats_daily: S | SIUD | S
        post_stats_hourly: S | SIUD | S
        post_stories: S | SIU | S
        post_surge: S | SIUD | S
        posts: S | SIU | S
        refresh_tokens: - | - | SIUD
        rollup_marks: S | SIUD | S
        saved_searches: - | - | SIUD
        schema_migrations: S | S | S
        sentiment_shifts: S | SIUD | S
        setup_links: - | - | SID
        signal_events: S | SIUD | S
        signing_keys: - | SI | SIU
        storage_jobs: S | SIU | S
        subreddit_config: S | S | SIUD
        subreddit_state: S | SIU | S
        subreddits: S | SI | S
        surge_baselines: S | SID | S
        surge_refolds: S | SIUD | S
        term_bursts: S | SID | S
        term_counts: S | SID | S
        term_hours: S | SID | S
        term_scatters: S | SID | S
        trending_thresholds: S | SIUD | S
        users: - | - S(id,is_active,role) | SIUD
        """;

    private const string Granted = """
        SELECT format('%s: %s', relation.relname, string_agg(coalesce(whole.letters, '-') || coalesce(' ' || parts.letters, ''), ' | ' ORDER BY role.number))
        FROM pg_class relation
        CROSS JOIN unnest('{signalflow_reader,signalflow_writer,signalflow_api}'::text[]) WITH ORDINALITY AS role (name, number)
        CROSS JOIN LATERAL (
          SELECT string_agg(letter, '' ORDER BY number) AS letters
          FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[], '{S,I,U,D,T,R,G}'::text[]) WITH ORDINALITY AS privilege (name, letter, number)
          WHERE has_table_privilege(role.name, relation.oid, privilege.name)) AS whole
        CROSS JOIN LATERAL (
          SELECT string_agg(format('%s(%s)', letter, columns), ' ') AS letters
          FROM unnest('{SELECT,INSERT,UPDATE}'::text[], '{S,I,U}'::text[]) AS privilege (name, letter)
          CROSS JOIN LATERAL (
            SELECT string_agg(attname, ',' ORDER BY attname) AS columns FROM pg_attribute
            WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(role.name, relation.oid, attnum, privilege.name)) AS listed
          WHERE columns IS NOT NULL AND NOT has_table_privilege(role.name, relation.oid, privilege.name)) AS parts
        WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind IN ('r', 'p', 'v', 'm') AND NOT relation.relispartition
        GROUP BY relation.relname ORDER BY relation.relname COLLATE "C"
        """;

    [Fact]
    public async Task Every_role_may_do_with_every_table_what_is_written_here_and_nothing_else()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        Assert.Equal(Expected.Split('\n', StringSplitOptions.TrimEntries), await database.TextsAsync(Granted));
        // Days are reached through the table that they are parts of.
        await new HistoryPartitions(database.DataSource).EnsureAsync([new(2026, 11, 23)], Cancel);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND relacl IS NOT NULL"));
    }

    [Theory]
    [InlineData("make_history_day(date)", "f|t|f")]
    [InlineData("drop_history_day(date)", "f|t|f")]
    [InlineData("drop_history_chunks(timestamptz)", "f|t|f")]
    [InlineData("grant_roles()", "f|f|f")]
    public async Task What_the_owner_does_for_others_is_for_the_writer_and_looks_names_up_in_its_own_schema(string function, string allowed)
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        Assert.Equal(allowed, await database.ScalarAsync<string>($"""
            SELECT string_agg(has_function_privilege(role, '{function}', 'EXECUTE')::text::char(1), '|')
            FROM unnest('{"{signalflow_reader,signalflow_writer,signalflow_api}"}'::text[]) AS role
            """));
        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace AND NOT 'search_path=public, pg_temp' = ANY (coalesce(proconfig, '{}'))"));
    }

    [Fact]
    public async Task The_writer_stores_a_post_of_a_new_day_runs_every_job_and_drops_old_days()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var services = await ServicesAsync(database, ServiceUser.Writer);
        var source = services.GetRequiredService<NpgsqlDataSource>();
        var now = TimeProvider.System.GetUtcNow();
        var old = new Sample(now.AddDays(-100).ToUnixTimeMilliseconds() * 1000, 1, 0);
        var fresh = new Sample(now.ToUnixTimeMilliseconds() * 1000, 45, 3);
        var writer = services.GetRequiredService<PostWriter>();

        var written = await writer.WriteAsync(new([Post("a", old), Post("b", fresh)], [new("a", "news", old, 0.9), new("b", "news", fresh, 0.9)]), Cancel);
        Assert.Empty(written.Stale);
        foreach (var job in await services.GetRequiredService<StorageJobs>().ForDatabaseAsync(Cancel))
            Assert.NotNull(await services.GetRequiredService<StorageJobRunner>().RunAsync(job, Cancel));

        Assert.Equal(["b"], await database.TextsAsync("SELECT post_id FROM post_metrics_history"));
        Assert.Equal(["(news,2)"], await database.RowsAsync("SELECT name, sum(posts) FROM post_stats_hourly JOIN subreddits ON id = subreddit_id GROUP BY 1"));
        Assert.Equal(0, await database.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_class WHERE relname = '{HistoryPartition.Name(DateOnly.FromDateTime(now.AddDays(-100).UtcDateTime))}'"));
        // Nothing of what is new, not even the day that the clock is about to leave.
        foreach (var days in (int[])[0, -1])
            await RefusedAsync(source, $"SELECT drop_history_day('{now.AddDays(days):yyyy-MM-dd}')");
        // The name of a partition has no era.
        await RefusedAsync(source, $"SELECT drop_history_day('{now:yyyy-MM-dd} BC')");
        await RefusedAsync(source, $"SELECT make_history_day('{now:yyyy-MM-dd} BC')");
        await RefusedAsync(source, "SELECT drop_history_day(NULL)");
        await RefusedAsync(source, "SELECT drop_history_chunks(now())");
        Assert.Equal(["b"], await database.TextsAsync("SELECT post_id FROM post_metrics_history"));
    }

    [Theory]
    [InlineData(
        ServiceUser.Writer,
        "DROP TABLE posts",
        "TRUNCATE post_stats_hourly",
        "DELETE FROM posts",
        "DELETE FROM post_metrics_history",
        "ALTER TABLE post_metrics_history DETACH PARTITION post_metrics_history_20261123",
        "DROP TABLE post_metrics_history_20261123",
        "INSERT INTO post_metrics_history_20261123 VALUES ('a', '2026-11-23 00:00+00', 1, 1, 1, NULL)",
        "CREATE TABLE mine ()",
        "INSERT INTO users (id, user_name, normalized_user_name, security_stamp, role) VALUES (gen_random_uuid(), 'x', 'X', 's', 'admin')",
        "UPDATE users SET role = 'admin'",
        "SELECT password_hash FROM users",
        "INSERT INTO api_keys (name, user_id, key_hash, hint, scopes, created_at) VALUES ('x', gen_random_uuid(), 'x', 'x', '{}', now())",
        "SELECT FROM refresh_tokens",
        "SELECT FROM audit_log",
        "INSERT INTO audit_log (actor, action, target) VALUES ('x', 'x', 'x')",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "UPDATE alert_rules SET user_id = user_id",
        "INSERT INTO signing_keys (id, purpose, secret, created_at) VALUES ('x', 'access-token', 'x', now())",
        "SELECT grant_roles()",
        "CREATE ROLE more")]
    [InlineData(
        ServiceUser.Api,
        "INSERT INTO posts (id, subreddit_id, title) VALUES ('x', 1, 'x')",
        "UPDATE audit_log SET actor = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DROP TRIGGER audit_log_append_only ON audit_log",
        "DROP TABLE users",
        "SELECT make_history_day('2026-11-24')")]
    [InlineData(
        ServiceUser.Reader,
        "INSERT INTO subreddits (name) VALUES ('x')",
        "SELECT FROM users",
        "SELECT FROM signing_keys",
        "SELECT FROM alert_channels",
        "SELECT drop_history_day('2026-01-01')")]
    public async Task What_a_role_is_not_for_is_refused(string role, params string[] statements)
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("SELECT make_history_day('2026-11-23')");
        await using var source = NpgsqlDataSource.Create(await ServiceUser.ConnectAsync(database.ConnectionString, role));

        foreach (var sql in statements)
            await RefusedAsync(source, sql);
    }

    [Fact]
    public async Task The_writer_sees_the_key_of_the_channels_and_not_the_one_that_signs_tokens()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var writer = await ServicesAsync(database, ServiceUser.Writer);
        await using var api = await ServicesAsync(database, ServiceUser.Api);
        var ofApi = new SigningKeyStore(api.GetRequiredService<NpgsqlDataSource>());
        var token = await ofApi.GetOrAddAsync(SigningKeyStore.AccessToken, TimeProvider.System.GetUtcNow(), Cancel);

        var ofWriter = new SigningKeyStore(writer.GetRequiredService<NpgsqlDataSource>());
        var channel = await ofWriter.GetOrAddAsync("alert-channel", TimeProvider.System.GetUtcNow(), Cancel);

        Assert.Empty(await ofWriter.GetAsync(SigningKeyStore.AccessToken, DateTimeOffset.MinValue, Cancel));
        Assert.Equal(channel.Id, (await ofApi.GetOrAddAsync("alert-channel", TimeProvider.System.GetUtcNow(), Cancel)).Id);
        Assert.Equal(token.Id, (await ofApi.GetOrAddAsync(SigningKeyStore.AccessToken, TimeProvider.System.GetUtcNow(), Cancel)).Id);
    }

    [Fact]
    public async Task Who_may_not_create_roles_migrates_and_is_told_and_the_roles_can_come_later()
    {
        await using var server = await StoppablePostgres.StartAsync();
        var admin = await server.CreateDatabaseAsync();
        await using var administrator = NpgsqlDataSource.Create(admin);
        await ExecuteAsync(administrator, "CREATE ROLE plain LOGIN PASSWORD 'plain'; ALTER DATABASE stoppable OWNER TO plain");
        await using var owner = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(admin) { Username = "plain", Password = "plain" });
        var log = new FakeLogger<DatabaseMigrator>();

        await new DatabaseMigrator(owner, TimeProvider.System, log).MigrateAsync(Cancel);

        var warnings = log.Collector.GetSnapshot().Where(record => record.Level == LogLevel.Warning).Select(record => record.Message).ToList();
        Assert.Equal(3, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains("plain may not create roles", warning, StringComparison.Ordinal));
        await ExecuteAsync(administrator, "CREATE ROLE signalflow_reader; CREATE ROLE signalflow_writer; CREATE ROLE signalflow_api");
        await ExecuteAsync(owner, "SELECT grant_roles()");
        await using var granted = owner.CreateCommand(Granted);
        await using var reader = await granted.ExecuteReaderAsync(Cancel);
        foreach (var line in Expected.Split('\n', StringSplitOptions.TrimEntries))
            Assert.True(await reader.ReadAsync(Cancel) && line == reader.GetString(0), line);
    }

    private static async Task RefusedAsync(NpgsqlDataSource source, string sql)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(source, sql));
        Assert.True(refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{sql}: {refusal.Message}");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<ServiceProvider> ServicesAsync(MigratedDatabase database, string role)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:signalflow"] = await ServiceUser.ConnectAsync(database.ConnectionString, role),
        });
        builder.AddPostStorage();
        builder.AddStorageHousekeeping();
        builder.Services.AddMetrics();
        return builder.Services.BuildServiceProvider();
    }

    private static PostChange Post(string id, Sample sample) => new()
    {
        Newest = new()
        {
            Id = id, Title = $"Title of {id}", Subreddit = "news", CreatedUtc = sample.At / 1e6 - 60,
            Score = sample.Score, NumComments = sample.Comments
        },
        State = PostState.First(sample),
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.5, "positive", ["one"]) { TextPrint = 7 },
    };
}
