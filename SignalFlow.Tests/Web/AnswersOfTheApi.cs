using System.Net;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>Stands where the network is; what the API really answers is tested with the API.</summary>
internal sealed class AnswersOfTheApi : HttpMessageHandler
{
    private int _requests;

    public IngestionView Ingestion { get; set; } = new() { Shards = [] };

    public IReadOnlyList<SubredditStatusView> Subreddits { get; set; } = [];

    public PurgePage Purges { get; set; } = new() { Summary = new() { Total = 0, LastDay = 0, Reasons = [] }, Results = [] };

    public DeadLetterStats DeadLetterStats { get; set; } = new() { Total = 0, Open = 0, ByState = [], ByClass = [], ByTopic = [] };

    public IReadOnlyList<DeadLetterView> DeadLetters { get; set; } = [];

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

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>Answers nothing.</summary>
    public bool Holds { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (Holds)
            return new TaskCompletionSource<HttpResponseMessage>().Task;
        var json = ContractsJsonContext.Default;
        return Task.FromResult(new HttpResponseMessage(Status)
        {
            Content = new StringContent(request.RequestUri!.AbsolutePath switch
            {
                "/api/ingestion/" => JsonSerializer.Serialize(Ingestion, json.IngestionView),
                "/api/ingestion/subreddits/" => JsonSerializer.Serialize(new() { Results = Subreddits }, json.SubredditStatusList),
                "/api/storage/" => JsonSerializer.Serialize(Storage, json.StorageView),
                "/dlq/stats/" => JsonSerializer.Serialize(DeadLetterStats, json.DeadLetterStats),
                "/dlq/" => JsonSerializer.Serialize(new() { Results = DeadLetters }, json.DeadLetterPage),
                _ => JsonSerializer.Serialize(Purges, json.PurgePage),
            }),
        });
    }
}
