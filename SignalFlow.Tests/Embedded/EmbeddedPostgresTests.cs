using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Embedded;

public sealed class EmbeddedPostgresTests(PostgresFixture postgres) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Cluster => Path.Combine(_folder.Path, "cluster");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keeps_the_data_and_the_port_from_one_start_to_the_next()
    {
        int port;
        await using (var first = await StartAsync())
        {
            port = first.Port;
            await first.CreateDatabaseAsync("notes", Cancellation);
            await first.CreateDatabaseAsync("notes", Cancellation);
            await ScalarAsync(first, "notes", "CREATE TABLE note (text text); INSERT INTO note VALUES ('kept')");
        }

        await using var second = await StartAsync();

        Assert.Equal("kept", await ScalarAsync(second, "notes", "SELECT text FROM note"));
        Assert.Equal(port, second.Port);
        Assert.False(second.Adopted);
    }

    [Fact]
    public async Task Takes_another_port_when_the_remembered_one_is_taken()
    {
        await (await StartAsync()).DisposeAsync();
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var taken = ((IPEndPoint)squatter.LocalEndpoint).Port;
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "port"), taken.ToString(CultureInfo.InvariantCulture), Cancellation);

        await using var server = await StartAsync();

        Assert.NotEqual(taken, server.Port);
    }

    [Fact]
    public async Task Is_reachable_on_the_loopback_interface_with_the_password_only()
    {
        await using var server = await StartAsync();
        var connectionString = server.ConnectionString("postgres");

        Assert.Equal("127.0.0.1", await ScalarAsync(server, "postgres", "SHOW listen_addresses"));
        Assert.Equal("", await ScalarAsync(server, "postgres", "SHOW unix_socket_directories"));
        Assert.Equal(["127.0.0.1"], ListeningAddresses.Of(server.Port));
        var guess = new NpgsqlConnectionStringBuilder(connectionString) { Password = "guess" };
        await using var guessing = new NpgsqlConnection(guess.ConnectionString);
        Assert.Equal(
            PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => guessing.OpenAsync(Cancellation))).SqlState);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Path, "password")));
    }

    [Fact]
    public async Task Stores_all_of_Unicode_and_sorts_bytewise()
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var command = source.CreateCommand(
            "SELECT current_setting('server_encoding'), string_agg(t, ' ' ORDER BY t), bool_or('ÄRGER' ILIKE 'ärger') FROM unnest('{ä,a,😀,Z}'::text[]) t");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);

        Assert.True(await reader.ReadAsync(Cancellation));
        Assert.Equal("UTF8", reader.GetString(0));
        Assert.Equal("Z a ä 😀", reader.GetString(1));
        Assert.True(reader.GetBoolean(2));
    }

    [Fact]
    public async Task Comes_back_with_its_data_after_the_server_was_taken_away()
    {
        await using var server = await StartAsync();
        await ScalarAsync(server, "postgres", "CREATE TABLE t AS SELECT 7 AS n");

        await server.StopServerAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(server, "postgres", "SELECT 1"));
        await server.StartServerAsync(Cancellation);

        Assert.Equal(7, await ScalarAsync(server, "postgres", "SELECT n FROM t"));
    }

    [Fact]
    public async Task Adopts_the_server_that_a_killed_process_left_behind()
    {
        var killed = await StartAsync();
        await ScalarAsync(killed, "postgres", "CREATE TABLE t AS SELECT 7 AS n");
        var postmaster = PostmasterId();
        killed.Abandon();

        await using var next = await StartAsync();

        Assert.True(next.Adopted);
        Assert.Equal(killed.Port, next.Port);
        Assert.Equal(postmaster, PostmasterId());
        Assert.Equal(7, await ScalarAsync(next, "postgres", "SELECT n FROM t"));
    }

    [Fact]
    public async Task Replaces_a_left_behind_server_whose_settings_are_not_the_wanted_ones()
    {
        var killed = await StartAsync();
        killed.Abandon();

        await using var next = await StartAsync(maxConnections: 33);

        Assert.False(next.Adopted);
        Assert.Equal("33", await ScalarAsync(next, "postgres", "SHOW max_connections"));
    }

    [Fact]
    public async Task Recovers_the_data_of_a_server_that_was_killed_itself()
    {
        var killed = await StartAsync(durable: true);
        await ScalarAsync(killed, "postgres", "CREATE TABLE t AS SELECT 7 AS n");
        using (var postmaster = Process.GetProcessById(PostmasterId()))
            postmaster.Kill();
        killed.Abandon();

        await using var next = await StartAsync(durable: true);

        Assert.False(next.Adopted);
        Assert.Equal(7, await ScalarAsync(next, "postgres", "SELECT n FROM t"));
    }

    [Fact]
    public async Task Is_not_misled_by_a_note_whose_process_id_belongs_to_another_program()
    {
        await (await StartAsync()).DisposeAsync();
        await File.WriteAllTextAsync(
            Path.Combine(Cluster, "postmaster.pid"), $"{Environment.ProcessId}\n{Cluster}\n1700000000\n5432\n\n127.0.0.1\n", Cancellation);

        await using var server = await StartAsync();

        Assert.False(server.Adopted);
        Assert.Equal(1, await ScalarAsync(server, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task Starts_over_after_an_interrupted_first_start()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "cluster.new", "base"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "cluster.new", "PG_VERSION"), "15\n", Cancellation);

        await using var server = await StartAsync();

        Assert.Equal(1, await ScalarAsync(server, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task Refuses_a_second_owner_while_the_first_one_runs()
    {
        await using var first = await StartAsync();

        var refused = await Assert.ThrowsAsync<EmbeddedInfrastructureException>(() => StartAsync());

        Assert.Contains("Another SignalFlow is running on the data folder", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await ScalarAsync(first, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task Says_so_when_the_folder_cannot_be_written()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Cancellation);

        var refused = await Assert.ThrowsAsync<EmbeddedInfrastructureException>(
            () => EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = Path.Combine(file, "below") }, Cancellation));

        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_the_servers_own_words_when_it_does_not_start()
    {
        await (await StartAsync()).DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(Cluster, "postgresql.conf"), "no_such_setting = 1\n", Cancellation);

        var refused = await Assert.ThrowsAsync<EmbeddedInfrastructureException>(() => StartAsync());

        Assert.Contains("no_such_setting", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_the_password_of_an_existing_cluster_is_gone()
    {
        await (await StartAsync()).DisposeAsync();
        File.Delete(Path.Combine(_folder.Path, "password"));

        var refused = await Assert.ThrowsAsync<EmbeddedInfrastructureException>(() => StartAsync());

        Assert.Contains("--fresh", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletes_its_own_folder_and_the_server_left_behind_in_it()
    {
        var killed = await StartAsync();
        var foreign = Path.Combine(_folder.Path, "mine.txt");
        await File.WriteAllTextAsync(foreign, "", Cancellation);
        await Assert.ThrowsAsync<EmbeddedInfrastructureException>(() => EmbeddedPostgres.DeleteAsync(Options(), Cancellation));
        killed.Abandon();

        await EmbeddedPostgres.DeleteAsync(Options(), Cancellation);

        Assert.False(Directory.Exists(Cluster));
        Assert.True(File.Exists(foreign));
        Assert.Empty(ListeningAddresses.Of(killed.Port));
        await using var next = await StartAsync();
        Assert.Equal(1, await ScalarAsync(next, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task Deletes_nothing_in_a_folder_that_is_not_its_own()
    {
        var foreign = Path.Combine(_folder.Path, "cluster", "PG_VERSION");
        Directory.CreateDirectory(Cluster);
        await File.WriteAllTextAsync(foreign, "15", Cancellation);

        await Assert.ThrowsAsync<EmbeddedInfrastructureException>(() => EmbeddedPostgres.DeleteAsync(Options(), Cancellation));

        Assert.True(File.Exists(foreign));
    }

    private EmbeddedPostgresOptions Options(int maxConnections = 20, bool durable = false) =>
        new() { DataFolder = _folder.Path, Durable = durable, MaxConnections = maxConnections };

    private Task<EmbeddedPostgres> StartAsync(int maxConnections = 20, bool durable = false) =>
        EmbeddedPostgres.StartAsync(Options(maxConnections, durable), Cancellation);

    private int PostmasterId() => int.Parse(File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static async Task<object?> ScalarAsync(EmbeddedPostgres server, string database, string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(server.ConnectionString(database)) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
