using System.Globalization;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>
/// A month of made-up posts and their observations, the same for the same numbers: subreddits, authors and scores are few that are big and
/// many that are small, posts come in a daily rhythm, and what scores high is observed often. Posts are numbered in the order of their creation.
/// </summary>
internal sealed class StorageData
{
    public const int Days = 30;

    private const int Authors = 100_000;
    private const long FirstId = 3_265_173_504;
    private const long IdStep = 97;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static readonly TimeSpan LongestWatch = TimeSpan.FromHours(48);

    private readonly long[] _created;
    private readonly int[] _scores;
    private readonly byte[] _subreddits;
    private readonly long[] _observationsBefore;

    /// <param name="posts">How many.</param>
    /// <param name="history">Observations of all of them.</param>
    /// <param name="now">The end of the month.</param>
    public StorageData(int posts, int history, DateTime now)
    {
        Posts = posts;
        History = history;
        Now = now;
        _created = new long[posts];
        _scores = new int[posts];
        _subreddits = new byte[posts];
        _observationsBefore = new long[posts + 1];
        var random = new Random(20_261_124);
        PlaceInTime(random);
        var watched = new double[posts + 1];
        for (var post = 0; post < posts; post++)
        {
            _subreddits[post] = (byte)(SubredditCount * Math.Pow(random.NextDouble(), 2.2));
            _scores[post] = (int)Math.Min(150_000, Math.Exp(2 + 2.2 * Normal(random)));
            watched[post + 1] = watched[post] + (0.3 + random.NextDouble()) * (1 + Math.Log2(1 + _scores[post]) / 3);
        }

        for (var post = 0; post <= posts; post++)
            _observationsBefore[post] = (long)Math.Round(watched[post] / watched[posts] * history);
    }

    public static int SubredditCount => 120;

    public int Posts { get; }

    public int History { get; }

    public DateTime Now { get; }

    public static string Id(int post) => Base36(FirstId + post * IdStep);

    /// <summary>Of the post with this id.</summary>
    public static int Number(string id) =>
        (int)((id.Aggregate(0L, (number, digit) => number * 36 + Digits.IndexOf(digit, StringComparison.Ordinal)) - FirstId) / IdStep);

    public int Subreddit(int post) => _subreddits[post];

    /// <summary>Microseconds since the Unix epoch.</summary>
    public long Created(int post) => _created[post];

    /// <summary>At the last observation: a young post has not reached its height.</summary>
    public int Score(int post) => ScoreAt(post, LastObserved(post));

    public int Comments(int post) => CommentsAt(post, LastObserved(post));

    /// <summary>In a story of its own the scores would be a subject; here a handful of robots post much, most people once or twice.</summary>
    public static string Author(int post)
    {
        var number = (int)(Authors * Math.Pow(new Random(post).NextDouble(), 2.5));
        return string.Create(CultureInfo.InvariantCulture, $"author_{number}");
    }

    /// <summary>How often the post was observed.</summary>
    public int Observations(int post) => (int)(_observationsBefore[post + 1] - _observationsBefore[post]);

    /// <param name="post">The post.</param>
    /// <param name="number">From 1, the first observation, to the number of observations.</param>
    /// <param name="of">The number of observations.</param>
    /// <returns>Microseconds since the Unix epoch: often while the post is young.</returns>
    public long ObservedAt(int post, int number, int of)
    {
        var share = (double)number / of;
        return _created[post] + Math.Max(number, (long)(Watched(post) * share * share));
    }

    /// <summary>The score at an instant: it climbs fast at first.</summary>
    public int ScoreAt(int post, long time) => (int)Math.Round(_scores[post] * Climbed(post, time));

    public int CommentsAt(int post, long time) => (int)Math.Round((_scores[post] * 0.15 + post % 4) * Climbed(post, time));

    public static double Ratio(int post) => 0.5 + post * 7919L % 50 / 100.0;

    private long LastObserved(int post) => ObservedAt(post, 1, 1);

    private double Climbed(int post, long time) =>
        (1 - Math.Exp(-4.0 * (time - _created[post]) / LongestWatch.TotalMicroseconds)) / (1 - Math.Exp(-4));

    private double Watched(int post) => Math.Max(1_000, Math.Min(Microseconds(Now) - _created[post], LongestWatch.TotalMicroseconds));

    private void PlaceInTime(Random random)
    {
        var start = Microseconds(Now.AddDays(-Days));
        var span = TimeSpan.FromDays(Days).TotalMicroseconds - 10e6;
        for (var post = 0; post < Posts; post++)
        {
            var days = Days * random.NextDouble();
            // More in the evening than in the morning.
            days -= 0.08 * Math.Sin(2 * Math.PI * days);
            _created[post] = start + (long)(span * Math.Clamp(days / Days, 0, 1));
        }

        Array.Sort(_created);
    }

    public static long Microseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTime Time(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string Base36(long number)
    {
        var text = "";
        for (; number > 0; number /= 36)
            text = Digits[(int)(number % 36)] + text;
        return text;
    }
}
