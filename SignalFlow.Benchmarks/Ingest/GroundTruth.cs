using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Compares what was published with what the simulated world knows.</summary>
internal sealed class GroundTruth
{
    /// <summary>What a listing holds.</summary>
    private const int ListingDepth = 1_000;

    private const int ExamplesShown = 5;

    /// <summary>For how many intervals of its subreddit a post must have stood in the listing to count as missed.</summary>
    private const int PollsToFind = 2;

    private static readonly TimeSpan LongestApproval = TimeSpan.FromMinutes(30);

    private readonly List<(string Tier, TimeSpan Visible, double Seconds)> _delays = [];
    private readonly List<TimeSpan> _missedAt = [];

    private GroundTruth()
    {
    }

    /// <summary>Posts that became visible during the run.</summary>
    public int Posts { get; private set; }

    /// <summary>Those that stood in the listing long enough to be found, and were not published.</summary>
    public int Missed => _missedAt.Count;

    /// <summary>Those of the missed ones that went away before the end.</summary>
    public int MissedGone { get; private set; }

    /// <summary>The first few of the missed ones, for a closer look.</summary>
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
                var seen = log.FirstSeen(PostId.Format(stream.Id, posts[i].Index));
                var findable = listed >= PollsToFind * pollInterval(entry.Tier);
                truth.Add(entry, posts[i], seen - start, findable);
                if (findable && seen is null && gone < duration)
                    truth.MissedGone++;
            }
        }

        return truth;
    }

    /// <summary>Seconds from the moment a post could be seen to its first observation, at a share of the posts of a tier.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="share">0.95: P95.</param>
    /// <param name="hour">Only posts that became visible in it; null: all.</param>
    public double Delay(string tier, double share, int? hour = null)
    {
        var delays = _delays
            .Where(delay => delay.Tier == tier && (hour is null || (int)delay.Visible.TotalHours == hour))
            .Select(delay => delay.Seconds)
            .Order()
            .ToList();
        return delays.Count == 0 ? 0 : delays[Math.Min(delays.Count - 1, (int)Math.Ceiling(share * delays.Count) - 1)];
    }

    public int MissedIn(int hour) => _missedAt.Count(at => (int)at.TotalHours == hour);

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

    private void Add(SubredditEntry entry, PostKey post, TimeSpan? seen, bool findable)
    {
        Posts++;
        if (seen is { } at)
        {
            _delays.Add((entry.Tier, post.Visible, (at - post.Visible).TotalSeconds));
        }
        else if (findable)
        {
            _missedAt.Add(post.Visible);
            if (Examples.Count < ExamplesShown)
                Examples.Add($"{PostId.Format(((SubredditStream)post.Subreddit).Id, post.Index)} in r/{entry.Name}, visible after {post.Visible:c}");
        }
    }
}
