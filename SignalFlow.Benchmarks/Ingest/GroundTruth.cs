using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Compares what was published with what the simulated world knows.</summary>
internal sealed class GroundTruth
{
    /// <summary>What a listing holds.</summary>
    private const int ListingDepth = 1_000;

    /// <summary>For how many intervals of its subreddit a post must have stood in the listing to count as missed.</summary>
    private const int PollsToFind = 2;

    private static readonly TimeSpan LongestApproval = TimeSpan.FromMinutes(30);

    private readonly Dictionary<string, List<double>> _delays = [];

    private GroundTruth()
    {
    }

    /// <summary>Posts that became visible during the run.</summary>
    public int Posts { get; private set; }

    /// <summary>Those that stood in the listing long enough to be found, and were not published.</summary>
    public int Missed { get; private set; }

    /// <summary>The first few of them, for a closer look.</summary>
    public List<string> Examples { get; } = [];

    /// <param name="server">The world.</param>
    /// <param name="log">What was published.</param>
    /// <param name="start">The real instant of the world's start.</param>
    /// <param name="duration">Of the run.</param>
    /// <param name="pollInterval">By tier.</param>
    /// <param name="outage">How much of a span of time nothing was answered; that does not count as time in the listing.</param>
    public static GroundTruth Compare(
        SimulatorServer server,
        ObservationLog log,
        DateTimeOffset start,
        TimeSpan duration,
        Func<string, TimeSpan> pollInterval,
        Func<TimeSpan, TimeSpan, TimeSpan> outage)
    {
        var truth = new GroundTruth();
        foreach (var entry in server.Table.Entries)
        {
            var stream = server.World.Find(entry.Name)!;
            var posts = VisibleDuring(stream, duration);
            for (var i = 0; i < posts.Count; i++)
            {
                var gone = stream.FateOf(posts[i].Index).GoneAt(posts[i].Created);
                // Posts that go make room for older ones, so a post stands there at least until then.
                var displaced = i + ListingDepth < posts.Count ? posts[i + ListingDepth].Visible : TimeSpan.MaxValue;
                var listedUntil = TimeSpan.FromTicks(Math.Min(Math.Min(gone.Ticks, displaced.Ticks), duration.Ticks));
                var listed = listedUntil - posts[i].Visible - outage(posts[i].Visible, listedUntil);
                truth.Add(entry, PostId.Format(stream.Id, posts[i].Index), start + posts[i].Visible, log, listed >= PollsToFind * pollInterval(entry.Tier));
            }
        }

        return truth;
    }

    /// <summary>Seconds from the moment a post could be seen to its first observation, at a share of all posts of a tier.</summary>
    public double Delay(string tier, double share)
    {
        if (!_delays.TryGetValue(tier, out var delays) || delays.Count == 0)
            return 0;
        delays.Sort();
        return delays[Math.Min(delays.Count - 1, (int)Math.Ceiling(share * delays.Count) - 1)];
    }

    private static List<PostKey> VisibleDuring(SubredditStream stream, TimeSpan duration)
    {
        var posts = new List<PostKey>();
        var end = stream.CountUntil(duration);
        for (var index = stream.CountUntil(-LongestApproval); index < end; index++)
        {
            var post = stream.PostAt(index);
            if (post.Visible > TimeSpan.Zero && post.Visible <= duration && stream.FateOf(index).GoneAt(post.Created) > post.Visible)
                posts.Add(post);
        }

        posts.Sort((x, y) => x.Visible.CompareTo(y.Visible));
        return posts;
    }

    private void Add(SubredditEntry entry, string id, DateTimeOffset visible, ObservationLog log, bool findable)
    {
        Posts++;
        if (log.FirstSeen(id) is { } seen)
        {
            if (!_delays.TryGetValue(entry.Tier, out var delays))
                _delays.Add(entry.Tier, delays = []);
            delays.Add((seen - visible).TotalSeconds);
        }
        else if (findable)
        {
            Missed++;
            if (Examples.Count < 5)
                Examples.Add($"{id} in r/{entry.Name}, visible at {visible:u}");
        }
    }
}
