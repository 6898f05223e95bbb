using SignalFlow.Api.Storage;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class StorageEndpointsTests(StorageServers servers, PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StorageServer> All => StorageServers.All;

    public static TheoryData<StorageServer> WithTimescale => StorageServers.WithTimescale;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_books_of_every_mode_tell_days_sizes_edges_and_jobs(StorageServer server)
    {
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        await WriteAsync(database, Now.AddDays(-3), Now.AddDays(-3).AddHours(30), Now);
        await database.ExecuteAsync(
            "ANALYZE; INSERT INTO storage_jobs (name, started_at, finished_at, succeeded, items, last_success_at) VALUES ('hourly', now(), now(), true, 3, now())");

        var storage = await AskAsync(database);

        Assert.Equal(
            server switch { StorageServer.Plain => "plain", StorageServer.Apache => "apache", _ => "timescale" },
            storage.Mode);
        Assert.Equal(server == StorageServer.Plain, storage.TimescaleVersion is null);
        Assert.Equal(Now.AddDays(-3), storage.History.OldestObservationAt);
        Assert.Equal(Now, storage.History.NewestObservationAt);
        var days = storage.History.Chunks.Where(chunk => chunk.Rows > 0).ToList();
        Assert.Equal([23, 21, 20], days.Select(chunk => chunk.Start.Day));
        Assert.All(storage.History.Chunks, chunk => Assert.Equal(TimeSpan.FromDays(1), chunk.End - chunk.Start));
        Assert.All(days, chunk => Assert.True(chunk.Bytes > 0));
        Assert.Null(storage.History.CompressionRatio);
        Assert.Equal(3, storage.Tables.Single(table => table.Name == "post_metrics_history").Rows);
        Assert.True(storage.DatabaseBytes > storage.History.Bytes);
        Assert.Contains(storage.Jobs, job => job is { Name: "hourly", Succeeded: true, Items: 3 });
    }

    [Theory]
    [MemberData(nameof(WithTimescale))]
    public async Task Compressed_days_tell_what_they_were_and_the_policies_when_they_ran(StorageServer server)
    {
        await using var database = await MigratedDatabase.CreateAsync(servers, server, postgres);
        await WriteAsync(database, Now.AddDays(-3), Now);
        await database.ExecuteAsync("""
            SELECT add_retention_policy('post_metrics_history', INTERVAL '90 days');
            SELECT compress_chunk(chunk) FROM show_chunks('post_metrics_history', older_than => TIMESTAMPTZ '2026-11-22') chunk
            """);

        var storage = await AskAsync(database);

        var compressed = Assert.Single(storage.History.Chunks, chunk => chunk.UncompressedBytes is not null);
        Assert.Equal(20, compressed.Start.Day);
        Assert.Equal(1, compressed.Rows);
        Assert.NotNull(storage.History.CompressionRatio);
        Assert.Contains(storage.Jobs, job => job.Name == "timescale:policy_retention");
    }

    [Fact]
    public async Task An_answer_serves_for_some_seconds()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var empty = await GetAsync(api);
        await WriteAsync(api.Database, Now);

        var same = await GetAsync(api);
        api.Time.Advance(TimeSpan.FromSeconds(10));
        var later = await GetAsync(api);

        Assert.Null(empty.History.NewestObservationAt);
        Assert.Null(same.History.NewestObservationAt);
        Assert.Equal(Now, later.History.NewestObservationAt);
    }

    [Fact]
    public async Task The_overview_has_every_hour_of_every_subreddit()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 10, score: 10), api.Post("b", 70, score: 30) with { IsTrending = true },
            api.Post("c", 70, subreddit: "science"), api.Post("old", 60 * 30, subreddit: "history"));
        await api.CountAsync();

        var overview = (await api.Client.GetFromJsonAsync("/api/subreddits/?hours=3", ContractsJsonContext.Default.SubredditOverviewList, Cancel))!;

        Assert.Equal((api.Time.GetUtcNow().AddHours(-2), api.Time.GetUtcNow().AddHours(1)), (overview.Start, overview.End));
        Assert.Equal(["technology", "science", "history"], overview.Results.Select(subreddit => subreddit.Subreddit));
        var technology = overview.Results[0];
        Assert.Equal((2, 1, 20, 2), (technology.Posts, technology.TrendingPosts, technology.AvgScore, technology.Observations));
        Assert.Equal([1, 1, 0], technology.Series.Select(hour => hour.Posts));
        Assert.Equal([0, 2, 0], technology.Series.Select(hour => hour.Observations));
        Assert.Equal(0.34, technology.Series[0].AvgSentiment!.Value, 1e-9);
        Assert.Null(technology.Series[2].AvgSentiment);
        // Observed now, created before.
        Assert.Equal((0, 1), (overview.Results[2].Posts, overview.Results[2].Observations));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("169")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task A_wrong_number_of_hours_is_named(string hours)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync($"/api/subreddits/?hours={hours}", Cancel);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"hours\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task WriteAsync(MigratedDatabase database, params DateTimeOffset[] times)
    {
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await writer.WriteAsync(
            new([], [.. times.Select(at => new HistoryEntry("a", "technology", new(at.ToUnixTimeMilliseconds() * 1000, 1, 1), null))]), Cancel);
    }

    private static async Task<StorageView> AskAsync(MigratedDatabase database)
    {
        using var storage = new StorageQueries(database.DataSource, new(database.DataSource), TimeProvider.System);
        return await storage.GetAsync(Cancel);
    }

    private static async Task<StorageView> GetAsync(ApiApplication api) =>
        (await api.Client.GetFromJsonAsync("/api/storage/", ContractsJsonContext.Default.StorageView, Cancel))!;
}
