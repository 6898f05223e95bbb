using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Terms;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Discovery;

/// <summary>Processing comes back to hours that are over, whose posts still wait in Kafka.</summary>
public sealed class DiscoveryBacklogTests(PostgresFixture postgres)
{
    private const int Waiting = 50;

    private static readonly DateTimeOffset Hour = TermClock.HourOf(TimeProvider.System.GetUtcNow()).AddHours(-3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hours_are_counted_when_the_posts_that_waited_are_stored()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var database = pipeline.Database;
        await database.ExecuteAsync($"""
            INSERT INTO subreddits (name) VALUES ('technology');
            INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            VALUES ('stored', 1, 'Meteorite falls over Bavaria', 'ana', '{Hour.AddMinutes(1):O}', '{Hour.AddMinutes(2):O}', '{Hour.AddMinutes(2):O}', 1, 0);
            """);
        for (var post = 0; post < Waiting; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(post));
        await using (var connection = await database.DataSource.OpenConnectionAsync(Cancel))
        await using (await connection.BeginTransactionAsync(Cancel))
        {
            // Posts can be read, and none can be stored.
            await using (var command = new NpgsqlCommand("LOCK TABLE posts IN SHARE ROW EXCLUSIVE MODE", connection))
                await command.ExecuteNonQueryAsync(Cancel);
            await pipeline.StartReplicaAsync();
            await Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM post_stories") == 1);
            // Terms come before stories.
            Assert.Empty(await database.RowsAsync("SELECT * FROM term_hours"));
        }

        await Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM analysis_progress") == 2);

        Assert.Equal(Waiting + 1, await database.ScalarAsync<int>("SELECT posts FROM activity_hours WHERE hour = $1", Hour.UtcDateTime));
        Assert.Equal(Waiting + 1, await database.ScalarAsync<int>("SELECT volume FROM term_hours WHERE hour = $1", Hour.UtcDateTime));
    }

    private static PostObservation Observation(int post) => new()
    {
        Id = $"w{post}",
        Title = $"What number {post} of all the posts says",
        Author = $"author{post}",
        Subreddit = "technology",
        CreatedUtc = Hour.AddMinutes(post + 1).ToUnixTimeSeconds(),
        Score = 1,
        NumComments = 0,
        ObservedAt = Hour.AddMinutes(post + 2).ToUnixTimeSeconds(),
    };
}
