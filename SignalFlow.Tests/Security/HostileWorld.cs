using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Testing;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;
using SignalFlow.Tests.Web;

namespace SignalFlow.Tests.Security;

/// <summary>Processing, API and UI on one database, into which hostile texts have come the way that posts come.</summary>
public sealed class HostileWorld(PostgresFixture postgres) : IAsyncLifetime
{
    // The API's clock stands at 12:00.
    private static readonly double Start = new DateTimeOffset(2026, 11, 23, 11, 40, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private PipelineApplication _pipeline = null!;
    private WebApplication _processing = null!;
    private WebApplicationUnderTest _web = null!;

    internal ApiApplication Api { get; private set; } = null!;

    internal HttpClient Browser => _web.Browser;

    internal IEnumerable<FakeLogRecord> Log =>
        [.. _processing.Services.GetFakeLogCollector().GetSnapshot(), .. Api.Services.GetFakeLogCollector().GetSnapshot()];

    internal string RedisConnection => _pipeline.Redis.ConnectionString;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pipeline = await PipelineApplication.CreateAsync(postgres);
        for (var index = 0; index < HostileTexts.All.Count; index++)
            await _pipeline.ProduceAsync(KafkaTopics.Raw, Observation(index, 0));
        // What no text can hold, and what is no observation: they go to the dead letters.
        await ProduceAsync("""{"id":"nul","title":"hostile\u0000","subreddit":"technology","created_utc":1795420000,"score":1,"num_comments":0}""");
        await ProduceAsync("""{"id":"half","title":"hostile \ud800","subreddit":"technology","created_utc":1795420000,"score":1,"num_comments":0}""");
        await ProduceAsync("""{"id":"<img src=x onerror=hostile()>\r\n","title":7,"\r\nhostile":"<script>hostile()</script>"}""");
        await ProduceAsync("<script>hostile()</script>\r\nhostile");
        _processing = await _pipeline.StartReplicaAsync();
        await Eventually.TrueAsync(async () => await _pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == HostileTexts.All.Count
            && await _pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events") == 4);
        await _pipeline.Database.ExecuteAsync(Found);

        Api = await ApiApplication.StartAsync(
            postgres, services => services.AddLogging(logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddFakeLogging()),
            new()
            {
                ["ConnectionStrings:redis"] = _pipeline.Redis.ConnectionString,
                ["Api:ServiceKey"] = WebApplicationUnderTest.ServiceKey,
                ["Api:UserRequestsPerMinute"] = "0"
            },
            signedInAs: "admin", _pipeline.Database);
        await Api.CountAsync();
        await NameAsync();
        _web = await WebApplicationUnderTest.StartAsync(Api);
        using var signedIn = await _web.SignInAsync(await Api.AddUserAsync("admin"), ApiApplication.Password);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await Api.DisposeAsync();
        await _pipeline.DisposeAsync();
    }

    /// <summary>Has every post observed once more.</summary>
    internal async Task ObserveAgainAsync()
    {
        for (var index = 0; index < HostileTexts.All.Count; index++)
            await _pipeline.ProduceAsync(KafkaTopics.Refresh, Observation(index, 300));
    }

    private Task ProduceAsync(string json) => _pipeline.ProduceAsync(KafkaTopics.Raw, null, Encoding.UTF8.GetBytes(json));

    // Each text stands once in every field that a stranger fills; every fifth post says that its id and its subreddit are such, too.
    private static PostObservation Observation(int index, int after)
    {
        string Text(int further, int length = 4_000) =>
            HostileTexts.All[(index + further) % HostileTexts.All.Count] is var text && text.Length > length ? text[..length] : text;
        return new()
        {
            Id = index % 5 == 0 ? $"h{index}" + Text(0, 20) : $"h{index}",
            Title = Text(0),
            Selftext = Text(1),
            Author = Text(2, 100),
            Subreddit = index % 5 == 0 ? Text(3, 90) : "technology",
            Flair = Text(4),
            Url = Text(5),
            Permalink = Text(6),
            CreatedUtc = Start - 600,
            Score = 100 + index + after,
            NumComments = 5,
            UpvoteRatio = 0.9,
            ObservedAt = Start + after,
        };
    }

    // What the analysis would say of such texts.
    private const string Found = """
        INSERT INTO signal_events (kind, key, subject, subreddit, occurred_at, strength, detail)
        SELECT kind, kind || 'hostile', '<img src=x onerror=hostile()>', '<img src=x onerror=hostile()>', '2026-11-23 11:00+00', 9,
          CASE WHEN kind IN ('surge', 'term_burst') THEN '{}' ELSE '{"reason":"<img src=x onerror=hostile()>"}' END::jsonb
        FROM unnest('{surge,term_burst,sentiment_shift,anomaly}'::text[]) AS kind;
        INSERT INTO term_bursts (bucket, term, authors, posts, subreddits, expected, p_value, baseline)
        VALUES ('2026-11-23 11:00+00', '<img src=x onerror=hostile()>', 12, 14, 3, 1.5, 1e-7, 3);
        INSERT INTO term_hours (hour, volume) VALUES ('2026-11-23 11:00+00', 100);
        INSERT INTO sentiment_shifts (kind, key, since, hour, posts, mean, usual, usual_posts, statistic, p_value, movers)
        VALUES ('topic', '<img src=x onerror=hostile()>', '2026-11-23 10:00+00', '2026-11-23 11:00+00', 30, -0.2, 0.3, 400, 12.5, 1e-9, '[]');
        INSERT INTO activity_anomalies (subreddit, measure, since, hour, level, hours, count, usual, deviations, samples, baseline)
        VALUES ('<img src=x onerror=hostile()>', 'posts', '2026-11-23 10:00+00', '2026-11-23 11:00+00', 'loud', 1, 120, 20, 6.5, 28, 1);
        INSERT INTO subreddit_state (name, shard_id, status, status_since, gaps, updated_at)
        VALUES ('<img src=x onerror=hostile()>', 0, 'ok', '2026-11-23 11:00+00', 0, '2026-11-23 11:50+00');
        INSERT INTO pipeline_instances (instance, version, started_at, reported_at, is_stopped, is_paused, batches_per_second, dead_letters_last_hour, partition_count)
        VALUES ('<img src=x onerror=hostile()>', '<hostile>', '2026-11-23 08:00+00', '2026-11-23 12:00+00', false, false, 1, 0, 0);
        UPDATE post_stories SET seen_at = '2026-11-23 11:45+00';
        """;

    // What users name so.
    private async Task NameAsync()
    {
        const string Name = "\"><img src=x onerror=hostile()>";
        foreach (var (path, body) in ((string, object)[])[
            ("/api/alerts/rules/", new { name = Name, kind = "query", query = "hostile" }),
            ("/api/alerts/channels/", new { name = Name, kind = "webhook", target = "https://hooks.example.org/" }),
            ("/api/account/searches/", new { name = Name, query = "q=hostile" }),
            ("/api/account/keys/", new { name = Name, scopes = new[] { "read" } }),
        ])
        {
            using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            using var answer = await Api.Client.PostAsync(path, content, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }
    }
}
