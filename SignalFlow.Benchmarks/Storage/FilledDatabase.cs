using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>A database with <see cref="StorageData"/>; it remembers the numbers it was filled with, so that a later run can use it again.</summary>
internal sealed class FilledDatabase : IAsyncDisposable
{
    private FilledDatabase(string connectionString, NpgsqlDataSource source, StorageData data)
    {
        ConnectionString = connectionString;
        Source = source;
        Data = data;
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public StorageData Data { get; }

    public static async Task<FilledDatabase> OpenAsync(string connectionString, int posts, int history, TextWriter output, CancellationToken cancellationToken)
    {
        connectionString = new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0 }.ConnectionString;
        var source = NpgsqlDataSource.Create(connectionString);
        try
        {
            if (await FilledAtAsync(source, posts, history, cancellationToken) is { } filledAt)
                return new(connectionString, source, new StorageData(posts, history, filledAt));

            var data = new StorageData(posts, history, Now());
            await new DatabaseMigrator(source, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
            await new StorageFill(source, data, output).RunAsync(cancellationToken);
            await StorageUpkeep.CountAsync(source, data, output, cancellationToken);
            await RememberAsync(source, data, cancellationToken);
            return new(connectionString, source, data);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    /// <returns>The end of the month it holds; null of an empty one.</returns>
    private static async Task<DateTime?> FilledAtAsync(NpgsqlDataSource source, int posts, int history, CancellationToken cancellationToken)
    {
        await using var isEmpty = source.CreateCommand("""
            SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm'))
            """);
        if ((bool)(await isEmpty.ExecuteScalarAsync(cancellationToken))!)
            return null;

        await using var isOurs = source.CreateCommand("SELECT to_regclass('benchmark_data') IS NOT NULL");
        if (!(bool)(await isOurs.ExecuteScalarAsync(cancellationToken))!)
            throw new InvalidOperationException("The database is neither empty nor filled by this verb.");
        await using var filled = source.CreateCommand("SELECT now FROM benchmark_data WHERE posts = $1 AND history = $2");
        filled.Parameters.Add(new() { Value = posts });
        filled.Parameters.Add(new() { Value = history });
        return await filled.ExecuteScalarAsync(cancellationToken) as DateTime?
            ?? throw new InvalidOperationException("The database was filled with other numbers, or not to the end.");
    }

    private static async Task RememberAsync(NpgsqlDataSource source, StorageData data, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("INSERT INTO benchmark_data (posts, history, now) VALUES ($1, $2, $3)");
        command.Parameters.Add(new() { Value = data.Posts });
        command.Parameters.Add(new() { Value = data.History });
        command.Parameters.Add(new() { Value = data.Now });
        await using (var create = source.CreateCommand(
            "CREATE TABLE benchmark_data (posts integer NOT NULL, history integer NOT NULL, now timestamptz NOT NULL)"))
            await create.ExecuteNonQueryAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>To the second, so that it survives the database.</summary>
    private static DateTime Now()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
