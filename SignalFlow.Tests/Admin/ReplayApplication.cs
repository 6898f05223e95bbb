using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Admin;

/// <summary>Processing and the API on one Kafka and one database.</summary>
internal sealed class ReplayApplication : IAsyncDisposable
{
    private readonly PostgresFixture _postgres;
    private readonly List<ApiApplication> _more = [];

    private ReplayApplication(PostgresFixture postgres, PipelineApplication pipeline, ApiApplication api, HttpClient client)
    {
        _postgres = postgres;
        Pipeline = pipeline;
        Api = api;
        Operator = client;
    }

    public PipelineApplication Pipeline { get; }

    public ApiApplication Api { get; }

    public HttpClient Operator { get; }

    public MigratedDatabase Database => Pipeline.Database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Processing is started by the test, when it is needed.</summary>
    public static async Task<ReplayApplication> StartAsync(PostgresFixture postgres)
    {
        var pipeline = await PipelineApplication.CreateAsync(postgres);
        var api = await ApiAsync(postgres, pipeline);
        return new(postgres, pipeline, api, await OperatorOfAsync(api));
    }

    public async Task<HttpClient> AnotherInstanceAsync()
    {
        var api = await ApiAsync(_postgres, Pipeline);
        _more.Add(api);
        return await OperatorOfAsync(api);
    }

    /// <summary>One that takes every answer as it is: the factory's repeats a request after a 503, by a clock that stands still.</summary>
    public static async Task<HttpClient> OperatorOfAsync(ApiApplication api)
    {
        var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = api.Address };
        client.DefaultRequestHeaders.Authorization = (await api.ClientAsAsync("operator")).DefaultRequestHeaders.Authorization;
        return client;
    }

    public Task ConstrainAsync() => Database.ExecuteAsync("ALTER TABLE posts ADD CONSTRAINT no_bad_title CHECK (title <> 'bad')");

    public Task ReleaseAsync() => Database.ExecuteAsync("ALTER TABLE posts DROP CONSTRAINT no_bad_title");

    public static PostObservation Bad(string id) => new()
    {
        Id = id,
        Title = "bad",
        Subreddit = "technology",
        CreatedUtc = 1_795_420_000,
        Score = 1,
        NumComments = 0,
        ObservedAt = 1_795_420_100,
    };

    /// <summary>Letters as processing leaves them, without processing.</summary>
    public Task StoreLettersAsync(int count, string state = "new", string errorClass = "storage") => Database.ExecuteAsync($$"""
        INSERT INTO dlq_events (
          source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt, state,
          dlq_partition, dlq_offset)
        SELECT '{{KafkaTopics.Raw}}', 0, coalesce((SELECT max(source_offset) + 1 FROM dlq_events), 0) + n, convert_to('p' || n, 'UTF8'),
          convert_to('{"id":"p' || n || '","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}', 'UTF8'),
          '[{"key":"traceparent","encoding":"utf-8","value":"00-1"}]', ARRAY['p' || n], '{{errorClass}}', 'reason', now() - interval '1 minute', 1,
          '{{state}}', 0, n
        FROM generate_series(1, {{count}}) n
        """);

    public async Task<JsonElement> PostAsync(string address, string? body = null, HttpClient? client = null, int status = 200)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await (client ?? Operator).PostAsync(address, content, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        if (status >= 400)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>How many letters are in which state.</summary>
    public Task<IReadOnlyList<string>> StatesAsync() =>
        Database.TextsAsync("SELECT state || ' ' || count(*) FROM dlq_events GROUP BY state ORDER BY 1");

    public Task StatesBecomeAsync(params string[] expected) =>
        Eventually.TrueAsync(async () => (await StatesAsync()).SequenceEqual(expected));

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _more)
            await api.DisposeAsync();
        Operator.Dispose();
        await Api.DisposeAsync();
        await Pipeline.DisposeAsync();
    }

    private static Task<ApiApplication> ApiAsync(PostgresFixture postgres, PipelineApplication pipeline) => ApiApplication.StartAsync(
        postgres,
        settings: new()
        {
            ["ConnectionStrings:kafka"] = pipeline.Kafka.BootstrapServers,
            ["DeadLetters:ReplayTimeout"] = "00:00:02",
            ["DeadLetters:ReplayRate"] = "100000",
        },
        database: pipeline.Database);
}
