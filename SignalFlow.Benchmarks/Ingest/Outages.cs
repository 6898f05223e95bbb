using Microsoft.Extensions.Time.Testing;
using SignalFlow.RedditSimulator.Faults;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>
/// A bad day: two answers in a hundred fail or are throttled, two in a hundred come from a cache, and for five minutes an hour nothing is
/// answered at all. Switched by timers on simulated time, so that it happens in the middle of whatever goes on.
/// </summary>
internal sealed class Outages : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstAt = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(5);

    private static readonly FaultRule[] Troubled =
    [
        new() { Kind = FaultKind.ServerError, Status = 503, Probability = 0.006 },
        new() { Kind = FaultKind.ServerError, Status = 502, Body = "empty", Probability = 0.003 },
        new() { Kind = FaultKind.ServerError, Status = 500, Body = "json", Probability = 0.003 },
        new() { Kind = FaultKind.RateLimited, Probability = 0.004 },
        new() { Kind = FaultKind.RateLimited, RetryAfter = 4, Probability = 0.004 },
        new() { Kind = FaultKind.Stale, Age = 30, Probability = 0.005 },
        new() { Kind = FaultKind.Stale, Age = 60, Probability = 0.005 },
        new() { Kind = FaultKind.Stale, Age = 90, Probability = 0.005 },
        new() { Kind = FaultKind.Stale, Age = 120, Probability = 0.005 },
    ];

    private static readonly FaultRule[] Down = [new() { Kind = FaultKind.ServerError, Status = 503, Probability = 1 }];

    private readonly ITimer _begin;
    private readonly ITimer _end;

    public Outages(FakeTimeProvider time, FaultBoard faults)
    {
        faults.Replace(Troubled);
        _begin = time.CreateTimer(_ => faults.Replace(Down), null, FirstAt, Every);
        _end = time.CreateTimer(_ => faults.Replace(Troubled), null, FirstAt + Length, Every);
    }

    /// <summary>How much of a span of time since the start nothing was answered.</summary>
    public static TimeSpan Within(TimeSpan from, TimeSpan to)
    {
        var sum = TimeSpan.Zero;
        for (var begin = FirstAt; begin < to; begin += Every)
        {
            var (start, end) = (begin > from ? begin : from, begin + Length < to ? begin + Length : to);
            if (end > start)
                sum += end - start;
        }

        return sum;
    }

    public void Dispose()
    {
        _begin.Dispose();
        _end.Dispose();
    }
}
