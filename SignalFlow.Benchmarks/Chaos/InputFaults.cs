using System.Net.Http.Headers;
using System.Text;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>What comes in: poison, repeats out of order, and a Reddit that misbehaves.</summary>
internal sealed class InputFaults(ChaosProducer producer, TopicTap tap, Uri simulator) : IDisposable
{
    private static readonly string[] RedditFaults =
    [
        """{"kind":"rate_limited","probability":1,"retry_after":1}""", """{"kind":"rate_limited","probability":0.5}""", """{"kind":"unauthorized","count":3}""",
        """{"kind":"server_error","probability":1,"status":503}""", """{"kind":"server_error","probability":1,"status":500,"body":"json"}""",
        """{"kind":"server_error","probability":0.5,"status":502,"body":"empty"}""", """{"kind":"slow","probability":1,"delay":2}""",
        """{"kind":"truncated","probability":0.7}""", """{"kind":"cut","probability":0.7}""", """{"kind":"stale","probability":0.5,"age":300}""",
        """{"kind":"token_error","probability":1,"status":500},{"kind":"unauthorized","count":2}""", """{"kind":"blocked","probability":0.5}""",
        """{"kind":"token_short","probability":1,"expires_in":1}""",
    ];

    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = simulator };

    public Fault Poison(Random random)
    {
        var most = 5 + random.Next(25);
        return new("poison", $"{most} records", _ => producer.PoisonAsync(random, most));
    }

    public Fault Repeats(Random random)
    {
        return new("repeats out of order", "of the last thousand records", _ => producer.RepeatAsync(random, tap.Recent()));
    }

    public Fault Reddit(Random random)
    {
        var rule = RedditFaults[random.Next(RedditFaults.Length)];
        var time = Fault.Seconds(random, 1, 5);
        return new("Reddit", $"{rule} for {Fault.Text(time)}", async cancellationToken =>
        {
            using var content = new StringContent($$"""{"faults":[{{rule}}]}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var answer = await _http.PutAsync(new Uri("simulator/faults", UriKind.Relative), content, cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException($"The simulator refuses {rule}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            await Task.Delay(time, cancellationToken);
            using var ended = await _http.DeleteAsync(new Uri("simulator/faults", UriKind.Relative), cancellationToken);
            ended.EnsureSuccessStatusCode();
        });
    }

    public void Dispose() => _http.Dispose();
}
