using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>Stands where the network is; what the API really answers is tested with the API.</summary>
internal sealed class AnswersOfTheApi : HttpMessageHandler
{
    private readonly ConcurrentQueue<Uri> _asked = [];
    private int _requests;

    public IngestionView Ingestion { get; set; } = new() { Shards = [] };

    public IReadOnlyList<SubredditStatusView> Subreddits { get; set; } = [];

    public PurgePage Purges { get; set; } = new() { Summary = new() { Total = 0, LastDay = 0, Reasons = [] }, Results = [] };

    public DeadLetterStats DeadLetterStats { get; set; } = new() { Total = 0, Open = 0, ByState = [], ByClass = [], ByTopic = [] };

    public DeadLetterPage DeadLetters { get; set; } = new() { Results = [] };

    public StorageView Storage { get; set; } = new()
    {
        Mode = "plain",
        ServerVersion = "15.9",
        SchemaVersion = 9,
        DatabaseBytes = 1_234_567,
        History = new() { Bytes = 0, Chunks = [] },
        Tables = [],
        Jobs = [],
    };

    public PipelineView Pipeline { get; set; } = Pipelines.None;

    public DeadLetterDetail? DeadLetter { get; set; }

    /// <summary>By the request; null: 503.</summary>
    public Func<DeadLetterReplayRequest, Task<DeadLetterReplayResult?>> Replay { get; set; } = _ => Task.FromResult<DeadLetterReplayResult?>(null);

    public Func<DeadLetterDiscardRequest, DeadLetterDiscardResult> Discard { get; set; } = _ => throw new NotSupportedException();

    /// <summary>Paths that are answered with 500.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>Paths asked for, without queries.</summary>
    public IReadOnlyList<string> Paths => [.. _asked.Select(asked => asked.AbsolutePath)];

    /// <summary>What the list of dead letters was asked with last.</summary>
    public string LetterQuery => _asked.Last(asked => asked.AbsolutePath == "/dlq/").Query;

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>Answers nothing.</summary>
    public bool Holds { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        var address = request.RequestUri!;
        _asked.Enqueue(address);
        if (Holds)
            await new TaskCompletionSource().Task;
        if (Refuses(address.AbsolutePath))
            return new(HttpStatusCode.InternalServerError) { Content = new StringContent("{}") };
        var json = ContractsJsonContext.Default;
        if (address.AbsolutePath == "/dlq/replay")
        {
            var result = await Replay((await request.Content!.ReadFromJsonAsync(json.DeadLetterReplayRequest, cancellationToken))!);
            return result is null
                ? new(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("""{"detail":"Kafka does not take the records."}""") }
                : new() { Content = JsonContent.Create(result, json.DeadLetterReplayResult) };
        }

        if (address.AbsolutePath == "/dlq/discard")
        {
            var discard = (await request.Content!.ReadFromJsonAsync(json.DeadLetterDiscardRequest, cancellationToken))!;
            return new() { Content = JsonContent.Create(Discard(discard), json.DeadLetterDiscardResult) };
        }

        return new(Status)
        {
            Content = new StringContent(address.AbsolutePath switch
            {
                "/api/ingestion/" => JsonSerializer.Serialize(Ingestion, json.IngestionView),
                "/api/ingestion/subreddits/" => JsonSerializer.Serialize(new() { Results = Subreddits }, json.SubredditStatusList),
                "/api/pipeline/" => JsonSerializer.Serialize(Pipeline, json.PipelineView),
                "/api/storage/" => JsonSerializer.Serialize(Storage, json.StorageView),
                "/dlq/stats/" => JsonSerializer.Serialize(DeadLetterStats, json.DeadLetterStats),
                "/dlq/" => JsonSerializer.Serialize(DeadLetters, json.DeadLetterPage),
                ['/', 'd', 'l', 'q', '/', ..] => JsonSerializer.Serialize(DeadLetter!, json.DeadLetterDetail),
                _ => JsonSerializer.Serialize(Purges, json.PurgePage),
            }),
        };
    }
}
