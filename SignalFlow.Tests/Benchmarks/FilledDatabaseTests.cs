using Npgsql;
using SignalFlow.Benchmarks.Storage;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Benchmarks;

public sealed class FilledDatabaseTests(PostgresFixture postgres)
{
    private const int Posts = 2_000;
    private const int History = 15_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_filled_once_and_used_again()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (await FilledDatabase.OpenAsync(connectionString, Posts, History, TextWriter.Null, Cancel))
        {
        }

        await using var again = await FilledDatabase.OpenAsync(connectionString, Posts, History, TextWriter.Null, Cancel);

        Assert.Equal(Posts, await ScalarAsync<long>(again.Source, "SELECT count(*) FROM posts"));
        Assert.Equal(History, await ScalarAsync<long>(again.Source, "SELECT count(*) FROM post_metrics_history"));
        Assert.Equal(Posts, await ScalarAsync<long>(again.Source, "SELECT sum(posts)::bigint FROM post_stats_hourly"));
        Assert.Equal(History, await ScalarAsync<long>(again.Source, "SELECT sum(observations)::bigint FROM post_metrics_hourly"));
        Assert.Equal(0L, await ScalarAsync<long>(
            again.Source, "SELECT count(*) FROM post_metrics_history h JOIN posts p ON p.id = h.post_id WHERE captured_at > last_polled_at"));
    }

    [Fact]
    public async Task A_database_of_somebody_else_is_left_alone()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var command = source.CreateCommand("CREATE TABLE precious (id integer)"))
            await command.ExecuteNonQueryAsync(Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(() => FilledDatabase.OpenAsync(connectionString, Posts, History, TextWriter.Null, Cancel));
        Assert.Equal(1L, await ScalarAsync<long>(source, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task Other_numbers_need_another_database()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (await FilledDatabase.OpenAsync(connectionString, Posts, History, TextWriter.Null, Cancel))
        {
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => FilledDatabase.OpenAsync(connectionString, Posts + 1, History, TextWriter.Null, Cancel));
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
