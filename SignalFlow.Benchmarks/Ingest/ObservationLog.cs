using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>What a request was for, as far as the observations it brings are judged.</summary>
internal enum AskedFor
{
    Listing,

    /// <summary>A post whose refresh is due: the time since its last observation counts.</summary>
    Refresh,

    /// <summary>Posts beyond the last step, or found missing before.</summary>
    Other,
}

/// <summary>Takes what is published, as Kafka does, and keeps what the checks need: when each post was first and last observed.</summary>
internal sealed class ObservationLog
{
    /// <summary>By how much of its interval a refresh may come early or late.</summary>
    private const double Tolerance = 0.2;

    private readonly IReadOnlyList<RefreshStep> _steps;
    private readonly Dictionary<string, Observed> _posts = [];
    private readonly Dictionary<long, (int OnTime, int OffTime)> _judged = [];

    public ObservationLog(IReadOnlyList<RefreshStep> steps) => _steps = steps;

    public AskedFor AskedFor { get; set; }

    public int Posts => _posts.Count;

    /// <summary>Refreshes within their time.</summary>
    public int OnTime => _judged.Values.Sum(hour => hour.OnTime);

    /// <summary>Refreshes too early or too late.</summary>
    public int OffTime => _judged.Values.Sum(hour => hour.OffTime);

    /// <summary>Share of the refreshes of an hour that were within their time.</summary>
    public double OnTimePctIn(DateTimeOffset hour) =>
        _judged.TryGetValue(hour.UtcTicks / TimeSpan.TicksPerHour, out var judged)
            ? 100.0 * judged.OnTime / (judged.OnTime + judged.OffTime)
            : 100;

    /// <summary>First observations of a post that had one already.</summary>
    public int RawTwice { get; private set; }

    /// <summary>Later observations of a post that had no first one.</summary>
    public int RefreshBeforeRaw { get; private set; }

    public int Removals { get; private set; }

    public void Add(string topic, IEnumerable<PostObservation> observations)
    {
        foreach (var observation in observations)
            Add(topic, observation);
    }

    /// <summary>When a post was first published; null: never.</summary>
    public DateTimeOffset? FirstSeen(string id) => _posts.TryGetValue(id, out var post) ? post.First : null;

    /// <summary>Refreshes that were due and too late to be on time by <paramref name="end"/>, but did not come.</summary>
    /// <param name="end">Of the run.</param>
    /// <param name="exists">Whether Reddit still answers for a post at all.</param>
    public int CountMissing(DateTimeOffset end, Func<string, bool> exists)
    {
        var missing = 0;
        foreach (var (id, post) in _posts)
        {
            if (!post.Gone
                && RefreshStep.At(_steps, post.Last - post.Created) is { } step
                && post.Last + step.Interval - post.Created < _steps[^1].MaxAge
                && post.Last + step.Interval * (1 + Tolerance) < end
                && exists(id))
            {
                missing++;
            }
        }

        return missing;
    }

    /// <summary>Posts beyond an age that are still there, from new to old.</summary>
    /// <param name="createdBefore">The age.</param>
    /// <param name="after">Where the page before ended.</param>
    public IEnumerable<(string Id, DateTimeOffset Created)> OlderThan(
        DateTimeOffset createdBefore, (DateTimeOffset Created, string Id)? after) => _posts
        .Where(post => !post.Value.Gone && post.Value.Created < createdBefore)
        .Select(post => (Id: post.Key, post.Value.Created))
        .Where(post => after is not { } end
            || post.Created < end.Created
            || (post.Created == end.Created && string.CompareOrdinal(post.Id, end.Id) < 0))
        .OrderByDescending(post => post.Created)
        .ThenByDescending(post => post.Id, StringComparer.Ordinal);

    private void Add(string topic, PostObservation observation)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(observation.ObservedAt!.Value * 1000));
        if (!_posts.TryGetValue(observation.Id, out var post))
        {
            if (topic != KafkaTopics.Raw)
                RefreshBeforeRaw++;
            post = new Observed(DateTimeOffset.FromUnixTimeMilliseconds((long)(observation.CreatedUtc * 1000)), at);
            _posts.Add(observation.Id, post);
        }
        else if (topic == KafkaTopics.Raw)
        {
            RawTwice++;
        }
        else if (AskedFor == AskedFor.Refresh && observation.RemovedByCategory != PostRemoval.Absent)
        {
            Judge(post, at);
        }

        if (observation.RemovedByCategory is not null && !post.Gone)
        {
            post.Gone = true;
            Removals++;
        }

        post.Last = at;
    }

    private void Judge(Observed post, DateTimeOffset at)
    {
        if (RefreshStep.At(_steps, post.Last - post.Created) is not { } step)
            return;
        var hour = at.UtcTicks / TimeSpan.TicksPerHour;
        var (onTime, offTime) = _judged.GetValueOrDefault(hour);
        var punctual = Math.Abs((at - post.Last) / step.Interval - 1) <= Tolerance;
        _judged[hour] = punctual ? (onTime + 1, offTime) : (onTime, offTime + 1);
    }

    private sealed class Observed(DateTimeOffset created, DateTimeOffset first)
    {
        public DateTimeOffset Created => created;
        public DateTimeOffset First => first;
        public DateTimeOffset Last { get; set; }
        public bool Gone { get; set; }
    }
}
