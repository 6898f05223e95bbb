using System.Net;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class TrailTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trails_come_in_the_order_asked_for_without_unknown_and_purged_posts()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", createdMinutesAgo: 60, score: 1), api.Post("b", createdMinutesAgo: 60, score: 9), api.Post("gone", createdMinutesAgo: 60));
        await api.Database.ExecuteAsync($"""
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments)
            SELECT 'a', '{api.Time.GetUtcNow():O}'::timestamptz - number * interval '1 minute', subreddit_id, 1000 - number, 0
            FROM posts, generate_series(1, 50) AS number WHERE posts.id = 'a'
            ON CONFLICT DO NOTHING;
            UPDATE posts SET purged_at = now(), purge_reason = 'moderator' WHERE id = 'gone'
            """);

        var trails = (await api.Client.GetFromJsonAsync("/api/posts/trails?ids=b,nope,gone,a", ContractsJsonContext.Default.PostTrails, Cancel))!.Results;

        Assert.Equal(["b", "a"], trails.Select(trail => trail.Id));
        Assert.Equal(32, trails[1].Points.Count);
        Assert.Equal(trails[1].Points.OrderBy(point => point.ObservedAt), trails[1].Points);
        Assert.Equal(api.Time.GetUtcNow().AddMinutes(-1), trails[1].Points.Where(point => point.Score == 999).Select(point => point.ObservedAt).Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?ids=")]
    [InlineData("?ids=,,")]
    public async Task Without_a_post_the_field_is_named(string query)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var answer = await api.Client.GetAsync("/api/posts/trails" + query, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"ids\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_a_hundred_are_refused()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var answer = await api.Client.GetAsync("/api/posts/trails?ids=" + string.Join(',', Enumerable.Range(0, 101)), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
