using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SignalFlow.Api.Access.Users;
using SignalFlow.Storage;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class DatabaseAwayTests(PostgresFixture postgres)
{
    private static readonly string[] Paths = ["/api/posts/", "/api/posts/abc/", "/api/stories/", "/api/signals/shifts/", "/api/subreddits/"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_database_is_away_answers_say_so_and_when_to_come_back()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var database = await MigratedDatabase.CreateAsync(server);
        await using var api = await ApiApplication.StartAsync(postgres, database: database);
        await server.StopAsync();

        foreach (var path in Paths)
        {
            using var answer = await api.Client.GetAsync(new Uri(path, UriKind.Relative), Cancel);

            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, answer.StatusCode));
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
            Assert.Contains("The database does not answer at the moment; try again.", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await api.Client.GetAsync(new Uri("/api/posts/", UriKind.Relative), Cancel)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_server_whose_name_is_not_found_is_away_too_and_a_token_speaks_for_its_user()
    {
        var name = new LosableName();
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var api = await ApiApplication.StartAsync(
            postgres,
            services => services
                .Replace(ServiceDescriptor.Singleton(_ => name.DataSource(database.ConnectionString)))
                .AddKeyedSingleton(StorageExtensions.ReadingKey, (_, _) => name.DataSource(database.ConnectionString)),
            database: database);
        name.Lose();

        foreach (var path in Paths)
        {
            using var answer = await api.Client.GetAsync(new Uri(path, UriKind.Relative), Cancel);

            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, answer.StatusCode));
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
        }

        Assert.True(await api.Services.GetRequiredService<UserStates>().IsCurrentAsync(Guid.NewGuid(), "print", Cancel));
    }

    [Fact]
    public async Task A_server_that_its_own_work_fails_is_away_too()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var command = database.DataSource.CreateCommand("""
            ALTER TABLE post_stories RENAME TO stories_apart;
            CREATE FUNCTION full_disk() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not write a file' USING ERRCODE = 'XX000'; END $$;
            CREATE VIEW post_stories AS SELECT * FROM stories_apart WHERE (SELECT full_disk());
            GRANT SELECT ON post_stories TO PUBLIC;
            """);
        await command.ExecuteNonQueryAsync(Cancel);
        await using var api = await ApiApplication.StartAsync(postgres, database: database);

        using var answer = await api.Client.GetAsync(new Uri("/api/stories/", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }
}
