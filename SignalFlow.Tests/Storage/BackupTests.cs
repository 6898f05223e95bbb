using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded.Postgres;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary><c>tools/backup.sh</c> and <c>tools/restore.sh</c>, run as operators run them.</summary>
public sealed class BackupTests(StorageServers servers, PostgresFixture postgres) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The WebAssembly servers know no COPY, and so no dump.</summary>
    public static TheoryData<StorageServer> Servers =>
        [.. StorageServers.All.Select(row => row.Data).Where(server => server is StorageServer.Plain or StorageServer.Native)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Dump => Path.Combine(_folder.Path, "signalflow.dump");

    private string Manifest => Dump + ".manifest";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_restored_database_is_the_same_and_the_program_goes_on_with_it(StorageServer server)
    {
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        await FillAsync(database);

        Assert.Equal((0, ""), await RunAsync("backup.sh", database.ConnectionString, Dump));
        await using var restored = await MigratedDatabase.CreateEmptyAsync(servers, server, postgres);
        Assert.Equal((0, ""), await RunAsync("restore.sh", restored.ConnectionString, Dump));

        Assert.Equal(await SampleOfVersion.RowsAsync(database), await SampleOfVersion.RowsAsync(restored));
        Assert.Equal(await SchemaDescription.OfAsync(database), await SchemaDescription.OfAsync(restored));
        Assert.Equal(
            await database.RowsAsync("SELECT bucket, subreddit_id, observations, score_sum FROM post_metrics_hourly ORDER BY 1, 2"),
            await restored.RowsAsync("SELECT bucket, subreddit_id, observations, score_sum FROM post_metrics_hourly ORDER BY 1, 2"));
        Assert.True(await restored.Migrator().HasSchemaAsync(Cancel));
        var observed = await ObserveAsync(Writer(restored), round: 100);
        Assert.Equal(observed, await restored.ScalarAsync<long>("SELECT count(*) FROM posts WHERE current_score = 100"));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_backup_shows_one_moment_while_writing_goes_on(StorageServer server)
    {
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        await FillAsync(database);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var rounds = 100;
        var writing = Task.Run(async () =>
        {
            for (var writer = Writer(database); !enough.IsCancellationRequested; rounds++)
                await ObserveAsync(writer, rounds);
        }, Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(rounds > 101));
        var before = rounds;

        Assert.Equal((0, ""), await RunAsync("backup.sh", database.ConnectionString, Dump));
        var after = rounds;
        await enough.CancelAsync();
        await writing;
        await using var restored = await MigratedDatabase.CreateEmptyAsync(servers, server, postgres);
        Assert.Equal((0, ""), await RunAsync("restore.sh", restored.ConnectionString, Dump));

        Assert.True(after > before);
        // All posts of a round are written in one transaction: of the last one in the backup none is missing, and posts and history agree.
        Assert.Equal(
            ["(1,t)"],
            await restored.RowsAsync("""
                SELECT count(DISTINCT current_score), bool_and(current_score = (
                  SELECT score FROM post_metrics_history WHERE post_id = id ORDER BY captured_at DESC LIMIT 1)) FROM posts
                """));
        var last = await restored.ScalarAsync<int>("SELECT max(current_score) FROM posts");
        Assert.InRange(last, before - 1, after);
    }

    [Fact]
    public async Task A_damaged_dump_and_a_damaged_manifest_are_noticed_before_anything_is_restored()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await RunAsync("backup.sh", database.ConnectionString, Dump);
        await using var target = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        var (dump, manifest) = (await File.ReadAllBytesAsync(Dump, Cancel), await File.ReadAllTextAsync(Manifest, Cancel));

        await File.WriteAllBytesAsync(Dump, [.. dump[..^1], (byte)(dump[^1] ^ 1)], Cancel);
        Assert.Equal((1, $"restore.sh: {Dump} is damaged, or not the dump of its manifest\n"), await RunAsync("restore.sh", target.ConnectionString, Dump));
        await File.WriteAllBytesAsync(Dump, dump[..(dump.Length / 2)], Cancel);
        Assert.Equal((1, $"restore.sh: {Dump} is damaged, or not the dump of its manifest\n"), await RunAsync("restore.sh", target.ConnectionString, Dump));
        await File.WriteAllBytesAsync(Dump, dump, Cancel);
        await File.WriteAllTextAsync(Manifest, manifest.Replace("\t120\t", "\t121\t", StringComparison.Ordinal), Cancel);
        Assert.Equal((1, $"restore.sh: {Manifest} is damaged\n"), await RunAsync("restore.sh", target.ConnectionString, Dump));
        File.Delete(Manifest);
        Assert.Equal((1, $"restore.sh: there is no {Manifest}\n"), await RunAsync("restore.sh", target.ConnectionString, Dump));

        Assert.Equal(0, await target.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    /// <summary>A manifest of another state, valid in itself: as if the restore had lost or changed rows.</summary>
    [Theory]
    [InlineData("table\tpublic.subreddit_config\t120\t", "table\tpublic.subreddit_config\t121\t")]
    [InlineData("table\tpublic.posts\t0\t0\n", "table\tpublic.posts\t0\t1\n")]
    [InlineData("table\tpublic.posts\t0\t0\n", "table\tpublic.posts\t0\t0\ntable\tpublic.posts_too\t0\t0\n")]
    [InlineData("table\tpublic.posts\t0\t0\n", "")]
    public async Task A_row_that_is_missing_changed_or_too_many_fails_the_restore(string said, string instead)
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await RunAsync("backup.sh", database.ConnectionString, Dump);
        var lines = await File.ReadAllTextAsync(Manifest, Cancel);
        var body = lines[..lines.IndexOf("manifest\t", StringComparison.Ordinal)].Replace(said, instead, StringComparison.Ordinal);
        Assert.NotEqual(lines[..body.Length], body);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        await File.WriteAllTextAsync(Manifest, $"{body}manifest\t{hash}\n", Cancel);
        await using var target = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);

        var (code, errors) = await RunAsync("restore.sh", target.ConnectionString, Dump);

        Assert.Equal(1, code);
        Assert.Contains($"in the {(instead.Length == 0 ? "database" : "backup")}: public.", errors, StringComparison.Ordinal);
        Assert.EndsWith("the restored database differs from the backup (name, rows, checksum above)\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_holds_something_is_not_restored_into()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await RunAsync("backup.sh", database.ConnectionString, Dump);
        await using var target = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        await target.ExecuteAsync("CREATE TABLE theirs (id integer)");

        var (code, errors) = await RunAsync("restore.sh", target.ConnectionString, Dump);

        Assert.Equal(1, code);
        Assert.Contains("is not empty: it has 1 tables. Restore into a new one", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_fails_leaves_nothing_and_one_that_is_there_is_kept()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var wrong = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "not-the-right-one" }.ConnectionString;

        var (refused, reason) = await RunAsync("backup.sh", wrong, Dump);

        Assert.Equal(1, refused);
        Assert.Contains("password authentication failed", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-right-one", reason, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
        Assert.Equal((0, ""), await RunAsync("backup.sh", database.ConnectionString, Dump));
        Assert.Equal((1, $"backup.sh: {Dump} or its manifest is there already\n"), await RunAsync("backup.sh", database.ConnectionString, Dump));
    }

    [Fact]
    public async Task A_connection_may_be_a_uri_but_not_one_with_a_password()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var to = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var address = $"{to.Host}:{to.Port}/{to.Database}";

        Assert.Equal((0, ""), await RunAsync("backup.sh", database.ConnectionString, Dump, $"postgresql://{to.Username}@{address}"));
        foreach (var script in new[] { "backup.sh", "restore.sh" })
        {
            foreach (var uri in new[] { $"postgresql://{to.Username}:secret@{address}", $"postgresql://{address}?user={to.Username}&password=secret" })
            {
                Assert.Equal(
                    (1, $"{script}: the connection URI holds a password; leave it to PGPASSWORD, ~/.pgpass or a service file\n"),
                    await RunAsync(script, database.ConnectionString, Dump, uri));
            }
        }
    }

    private static PostWriter Writer(MigratedDatabase database) => new(database.DataSource, new(database.DataSource));

    private static async Task FillAsync(MigratedDatabase database)
    {
        var writer = Writer(database);
        for (var round = 0; round < 5; round++)
            await ObserveAsync(writer, round);
        await database.ExecuteAsync("""
            UPDATE subreddit_config SET is_active = false WHERE name = 'golf';
            INSERT INTO dlq_events (
              source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt, dlq_partition, dlq_offset)
            VALUES ('reddit.posts.raw', 0, 17, 'x', '\x00ff', '[{"key":"traceparent"}]', '{x}', 'field', E'title is\n"empty".', now(), 1, 0, 3);
            """);
    }

    /// <summary>One more look at every post, all in one transaction, a quarter of a day after the last.</summary>
    /// <returns>How many posts there are.</returns>
    private static async Task<long> ObserveAsync(PostWriter writer, int round)
    {
        const int posts = 400;
        var start = TimeProvider.System.GetUtcNow().AddDays(-3).Date;
        var at = round < 100 ? start.AddHours(6 * round) : start.AddDays(2).AddSeconds(round);
        var sample = new Sample((at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, round, 3);
        string[] ids = [.. Enumerable.Range(0, posts).Select(number => $"p{number}")];
        var known = await writer.LoadAsync(ids, Cancel);
        var changes = ids.Select(id => new PostChange
        {
            Newest = new PostObservation
            {
                Id = id,
                Title = $"Title of {id}\twith a tab, \"quotes\" and 👩‍🚀",
                Selftext = id.EndsWith('7') ? null : "line\nand line\\",
                Subreddit = "sub" + id[^1],
                CreatedUtc = (start - DateTime.UnixEpoch).TotalSeconds,
                Score = round,
                NumComments = 3,
            },
            State = known.TryGetValue(id, out var stored) ? stored.State.Add(sample) : PostState.First(sample),
            TrendingScore = 0.1 + 0.2,
            IsTrending = false,
            Nlp = new(1 / 3.0, "positive", ["one", "two words", "quo\"te"]) { TextPrint = long.MinValue },
        });
        await writer.WriteAsync(new([.. changes], [.. ids.Select(id => new HistoryEntry(id, "sub" + id[^1], sample, 0.9))]), Cancel);
        return posts;
    }

    /// <returns>The exit code and what was said on standard error.</returns>
    private static async Task<(int Code, string Errors)> RunAsync(string script, string connectionString, params string[] arguments)
    {
        var tools = await ToolsAsync();
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        await using var process = ProgramProcess.StartCommand(
            "bash", [Path.Combine(Checkout.Folder, "tools", script), .. arguments], new Dictionary<string, string>
            {
                ["PATH"] = tools + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
                ["PGHOST"] = to.Host!,
                ["PGPORT"] = to.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = to.Username!,
                ["PGPASSWORD"] = to.Password ?? "",
                ["PGDATABASE"] = to.Database!,
            });
        var code = await process.WaitForExitAsync();
        return (code, process.Errors);
    }

    private static async Task<string> ToolsAsync()
    {
        var hasBash = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "bash")));
        Assert.SkipUnless(hasBash, "The scripts need bash.");
        var installed = await PostgresInstallation.FindAllAsync(searchPath: null, Cancel);
        var folder = installed.FirstOrDefault(found => File.Exists(Path.Combine(found.Folder, "pg_dump")))?.Folder;
        Assert.SkipWhen(folder is null, "There is no pg_dump beside a PostgreSQL server.");
        return folder!;
    }
}
