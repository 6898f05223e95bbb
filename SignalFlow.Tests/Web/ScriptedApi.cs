using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SignalFlow.Tests.Web;

/// <summary>Stands where the network is, for pages that change something: answers as it is told and keeps what it was asked.</summary>
internal sealed class ScriptedApi : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, Func<Answer>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Request> _requests = new();

    public IReadOnlyList<Request> Requests => [.. _requests];

    /// <summary>Everything that was to change something.</summary>
    public IReadOnlyList<Request> Changes => [.. _requests.Where(request => request.Method != "GET")];

    /// <summary>Everything that follows finds nobody.</summary>
    public bool IsAway { get; set; }

    /// <summary>Answers to changes come when it is set.</summary>
    public TaskCompletionSource? Holds { get; set; }

    /// <summary>Answers to all other requests come when it is set.</summary>
    public TaskCompletionSource? HoldsReads { get; set; }

    public void On<T>(string request, JsonTypeInfo<T> type, Func<T> answer) =>
        _answers[request] = () => new(HttpStatusCode.OK, JsonSerializer.Serialize(answer(), type));

    public void On(string request, HttpStatusCode status, string json = "") => _answers[request] = () => new(status, json);

    /// <summary>Problem details that name a field.</summary>
    public void Refuse(string request, string field, string words) =>
        On(request, HttpStatusCode.BadRequest, $$"""{"title":"One or more validation errors occurred.","errors":{ "{{field}}": ["{{words}}"] } }""");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsAway)
            throw new HttpRequestException("Nobody is there.");
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var asked = new Request(
            request.Method.Method, request.RequestUri!.PathAndQuery, body,
            request.Headers.IfMatch.FirstOrDefault()?.Tag, request.Headers.Authorization?.Parameter);
        _requests.Enqueue(asked);
        if ((asked.Method == "GET" ? HoldsReads : Holds) is { } holds)
            await holds.Task;
        var answer = _answers.TryGetValue($"{asked.Method} {asked.Path}", out var found) ? found() : new(HttpStatusCode.NotFound, "");
        return new(answer.Status) { Content = new StringContent(answer.Json, Encoding.UTF8, "application/json") };
    }

    /// <param name="Version">Of <c>If-Match</c>, with its quotes.</param>
    internal sealed record Request(string Method, string Path, string Body, string? Version, string? Token);

    private sealed record Answer(HttpStatusCode Status, string Json);
}
