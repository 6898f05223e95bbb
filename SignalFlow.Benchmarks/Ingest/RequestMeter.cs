using Microsoft.Extensions.Time.Testing;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Counts what is sent by kind and minute, and lets an exchange take simulated time: half before Reddit looks, half after.</summary>
internal sealed class RequestMeter(FakeTimeProvider time, TimeSpan roundTrip)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly Dictionary<string, int> _byKind = [];
    private readonly Dictionary<string, int> _failures = [];
    private readonly List<int> _byMinute = [];

    public IReadOnlyDictionary<string, int> ByKind => _byKind;

    /// <summary>Answers other than 200, by status.</summary>
    public IReadOnlyDictionary<string, int> Failures => _failures;

    public int Total => _byKind.Values.Sum();

    /// <summary>What the next requests are for.</summary>
    public string Kind { get; set; } = "";

    public DelegatingHandler CreateHandler() => new Handler(this);

    /// <summary>Mean and maximum of the full minutes after a warm-up.</summary>
    public (double PerMinute, int Peak) After(TimeSpan warmUp, TimeSpan duration)
    {
        var minutes = _byMinute.Concat(Enumerable.Repeat(0, Math.Max(0, (int)duration.TotalMinutes - _byMinute.Count)))
            .Take((int)duration.TotalMinutes)
            .Skip((int)warmUp.TotalMinutes)
            .ToList();
        return minutes.Count == 0 ? (0, 0) : (minutes.Average(), minutes.Max());
    }

    public int InHour(int hour) => _byMinute.Skip(60 * hour).Take(60).Sum();

    private void Count(HttpRequestMessage request)
    {
        var kind = request.RequestUri!.AbsolutePath.EndsWith("/access_token", StringComparison.Ordinal) ? "token" : Kind;
        _byKind[kind] = _byKind.GetValueOrDefault(kind) + 1;
        // Tokens have a quota of their own.
        if (kind == "token")
            return;

        var minute = (int)(time.GetUtcNow() - _start).TotalMinutes;
        while (_byMinute.Count <= minute)
            _byMinute.Add(0);
        _byMinute[minute]++;
    }

    private sealed class Handler(RequestMeter meter) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            meter.Count(request);
            meter.Pass();
            var response = await base.SendAsync(request, cancellationToken);
            meter.Pass();
            if (!response.IsSuccessStatusCode)
            {
                var status = $"{(int)response.StatusCode}";
                meter._failures[status] = meter._failures.GetValueOrDefault(status) + 1;
            }

            return response;
        }
    }

    private void Pass() => time.Advance(roundTrip / 2);
}
