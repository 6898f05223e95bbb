using System.Globalization;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Faults;

/// <summary>What the campaign compares, it finds: each of these changes to what is stored is one finding.</summary>
public sealed class LedgerCheckTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;
    private const int Posts = 4;
    private const int Looks = 3;

    private static readonly (string Sql, string Finding)[] Changes =
    [
        ("DELETE FROM post_metrics_history WHERE post_id = 'p0' AND score = 0", "lost: history of p0"),
        ("INSERT INTO post_metrics_history SELECT post_id, captured_at + interval '1 second', subreddit_id, score, num_comments, upvote_ratio FROM post_metrics_history WHERE post_id = 'p1' AND score = 10", "doubled: history of p1"),
        ("UPDATE post_metrics_history SET num_comments = num_comments + 1 WHERE post_id = 'p1' AND score = 0", "wrong: history of p1"),
        ("UPDATE posts SET score_velocity = score_velocity * 1.001 WHERE id = 'p0'", "wrong: post p0: velocity"),
        ("UPDATE posts SET last_polled_at = prev_polled_at WHERE id = 'p1'", "wrong: post p1: newest"),
        ("UPDATE posts SET title = 'of an older one' WHERE id = 'p2'", "wrong: post p2: another title"),
        ("UPDATE post_nlp_features SET text_print = text_print + 1 WHERE post_id = 'p2'", "wrong: the features of p2"),
        ("DELETE FROM post_nlp_features WHERE post_id = 'p3'", "lost: features of p3"),
        ("UPDATE post_surge SET folded = folded + 1 WHERE post_id = 'p2'", "wrong: signal of p2"),
        ("DELETE FROM post_surge WHERE post_id = 'p3'", "lost: signal of p3"),
        ("INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments) SELECT 'px', subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments FROM posts WHERE id = 'p3'", "doubled: post px"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_change_is_found_and_nothing_else_is()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        var ledger = new Ledger();
        for (var look = 0; look < Looks; look++)
        {
            for (var number = 0; number < Posts; number++)
            {
                var post = Post(number, look);
                ledger.Add(post, arrived: 0);
                await pipeline.ProduceAsync(look == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh, post);
            }
        }

        await Eventually.TrueAsync(async () =>
            await pipeline.Database.ScalarAsync<long>($"SELECT count(*) FROM post_surge WHERE folded = {Looks}") == Posts
            && await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM surge_refolds") == 0);
        var found = new HashSet<string>(await FindAsync(pipeline, ledger));
        Assert.Empty(found);

        foreach (var (sql, finding) in Changes)
        {
            await pipeline.Database.ExecuteAsync(sql);
            var more = (await FindAsync(pipeline, ledger)).Where(found.Add).ToList();

            Assert.StartsWith(finding, Assert.Single(more), StringComparison.Ordinal);
        }
    }

    private static async Task<IReadOnlyList<string>> FindAsync(PipelineApplication pipeline, Ledger ledger)
    {
        var findings = new Findings();
        await new LedgerCheck(pipeline.Database.DataSource, ledger.Posts, findings).RunAsync(Cancel);
        Assert.Equal(findings.Shown.Count, findings.Lost + findings.Doubled + findings.Wrong);
        return findings.Shown;
    }

    private static PostObservation Post(int number, int look) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"p{number}"),
        Title = string.Create(CultureInfo.InvariantCulture, $"The title number {number} as of look {look}"),
        Subreddit = "news",
        Author = "someone",
        CreatedUtc = Start - 60,
        Score = 10 * look,
        NumComments = look,
        UpvoteRatio = 0.9,
        Permalink = "/r/news/",
        PollPriority = "aggressive",
        ObservedAt = Start + 60 * look + number,
    };
}
