using Npgsql;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>That the servers of the shared suite are what they are taken for, and that their databases start empty.</summary>
public sealed class StorageServersTests(StorageServers servers, PostgresFixture postgres)
{
    private const string Hypertable = """
        CREATE EXTENSION timescaledb;
        CREATE TABLE readings (sensor text NOT NULL, taken_at timestamptz NOT NULL, value integer NOT NULL, PRIMARY KEY (sensor, taken_at));
        SELECT create_hypertable('readings', by_range('taken_at', INTERVAL '1 day'), create_default_indexes => false);
        """;

    /// <summary>Three days of one sensor, an hour apart.</summary>
    private const string Insert = """
        INSERT INTO readings (sensor, taken_at, value) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[]) ON CONFLICT DO NOTHING
        """;

    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StorageServer, string> Licences =>
    [
        .. StorageServers.All.Select(row => row.Data).Where(server => server != StorageServer.Plain)
            .Select(server => (server, server == StorageServer.Apache ? "apache" : "timescale")),
    ];

    [Theory]
    [MemberData(nameof(StorageServers.All), MemberType = typeof(StorageServers))]
    public async Task Databases_start_empty_and_sessions_clean(StorageServer server)
    {
        await using var first = await servers.CreateAsync(server, postgres);
        // A pool would clean up behind itself.
        var direct = new NpgsqlConnectionStringBuilder(first.ConnectionString) { Pooling = false }.ConnectionString;
        await using (var source = NpgsqlDataSource.Create(direct))
        {
            await ExecuteAsync(source, "CREATE TABLE leftover (id integer)");
            await using var connection = await source.OpenConnectionAsync(Cancel);
            await using var command = new NpgsqlCommand("BEGIN; INSERT INTO leftover VALUES (1); SET work_mem = '7MB'; PREPARE one AS SELECT 1", connection);
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await using var second = await servers.CreateAsync(server, postgres);

        await using var again = NpgsqlDataSource.Create(first.ConnectionString);
        await using var other = NpgsqlDataSource.Create(second.ConnectionString);
        Assert.Equal(0L, await ScalarAsync(again, "SELECT count(*) FROM leftover"));
        Assert.Equal("4MB", await ScalarAsync(again, "SHOW work_mem"));
        Assert.Equal(0L, await ScalarAsync(again, "SELECT count(*) FROM pg_prepared_statements WHERE name = 'one'"));
        Assert.Equal(0L, await ScalarAsync(other, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
        Assert.StartsWith("PostgreSQL 1", (string)await ScalarAsync(other, "SELECT version()"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Licences))]
    public async Task A_hypertable_takes_batches_and_drops_chunks(StorageServer server, string license)
    {
        await using var database = await servers.CreateAsync(server, postgres);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await ExecuteAsync(source, Hypertable);

        await InsertAsync(source);
        await InsertAsync(source);

        Assert.Equal(license, await ScalarAsync(source, "SHOW timescaledb.license"));
        Assert.Equal(72L, await ScalarAsync(source, "SELECT count(*) FROM readings"));
        Assert.Equal(3L, await ScalarAsync(source, "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'readings'"));
        await ExecuteAsync(source, "SELECT drop_chunks('readings', older_than => TIMESTAMPTZ '2026-01-02 00:00:00Z')");
        Assert.Equal(48L, await ScalarAsync(source, "SELECT count(*) FROM readings"));
    }

    [Theory]
    [MemberData(nameof(StorageServers.WithTimescale), MemberType = typeof(StorageServers))]
    public async Task Hours_are_aggregated_and_chunks_compressed(StorageServer server)
    {
        await using var database = await servers.CreateAsync(server, postgres);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await ExecuteAsync(source, Hypertable);
        await InsertAsync(source);

        await ExecuteAsync(source, """
            CREATE MATERIALIZED VIEW hourly WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
            SELECT time_bucket('1 hour', taken_at) AS bucket, count(*) AS readings FROM readings GROUP BY 1 WITH NO DATA
            """);
        await ExecuteAsync(source, "CALL refresh_continuous_aggregate('hourly', NULL, NULL)");
        await ExecuteAsync(source, "ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')");
        await ExecuteAsync(source, "SELECT compress_chunk(chunk) FROM show_chunks('readings') AS chunk");

        Assert.Equal(72L, await ScalarAsync(source, "SELECT count(*) FROM hourly"));
        Assert.Equal(3L, await ScalarAsync(source, "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'readings' AND is_compressed"));
        Assert.Equal(72L, await ScalarAsync(source, "SELECT count(*) FROM readings"));
    }

    [Fact]
    public async Task What_the_licence_does_not_allow_is_refused()
    {
        await using var database = await servers.CreateAsync(StorageServer.Apache, postgres);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await ExecuteAsync(source, Hypertable);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(source, "SELECT add_retention_policy('readings', INTERVAL '90 days')"));

        Assert.Contains("apache", refused.MessageText, StringComparison.Ordinal);
    }

    /// <summary>A message of a megabyte reaches the server in many pieces.</summary>
    [Theory]
    [MemberData(nameof(StorageServers.All), MemberType = typeof(StorageServers))]
    public async Task Batches_may_be_large(StorageServer server)
    {
        await using var database = await servers.CreateAsync(server, postgres);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("SELECT sum(length(word)) FROM unnest($1) AS word");
        command.Parameters.Add(new() { Value = Enumerable.Repeat(new string('x', 1000), 1000).ToArray() });

        Assert.Equal(1_000_000L, await command.ExecuteScalarAsync(Cancel));
    }

    private static async Task InsertAsync(NpgsqlDataSource source)
    {
        var hours = Enumerable.Range(0, 72).ToArray();
        await using var command = source.CreateCommand(Insert);
        command.Parameters.Add(new() { Value = hours.Select(_ => "one").ToArray() });
        command.Parameters.Add(new() { Value = hours.Select(hour => Start.AddHours(hour)).ToArray() });
        command.Parameters.Add(new() { Value = hours });
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<object> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (await command.ExecuteScalarAsync(Cancel))!;
    }
}
