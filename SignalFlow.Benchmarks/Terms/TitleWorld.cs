using SignalFlow.Contracts;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// Recorded titles spread over simulated weeks: 60,000 posts a day with a profile over the hours of the week, each subreddit with hours of its own (so
/// that the share of a term changes over the day), a tenth of the posts by prolific authors, and each prolific author with a liking for one title.
/// Nothing bursts in it but what is injected. The seed decides everything.
/// </summary>
internal sealed class TitleWorld
{
    public const int PostsPerDay = 60_000;

    private const int ProlificAuthors = 300;
    private const int BucketsPerDay = 96;

    /// <summary>A Monday.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly PostObservation[] _posts;
    private readonly double[] _phases;
    private int _next;

    public TitleWorld(IEnumerable<PostObservation> posts, int seed)
    {
        _random = new Random(seed);
        _posts = [.. posts];
        var phases = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var post in _posts)
            phases.TryAdd(post.Subreddit, _random.NextDouble() * 24);
        _phases = Array.ConvertAll(_posts, post => phases[post.Subreddit]);
    }

    public PostObservation[] Posts => _posts;

    public static DateTimeOffset BucketAt(int bucket) => Start + (bucket * TermClock.Length);

    /// <summary>Relative to the mean: fewest at 6, most at 18 o'clock UTC, a fifth less at weekends.</summary>
    public static double Profile(DateTimeOffset at)
    {
        var weekend = at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.8 : 1.08;
        return weekend * (1 - (0.4 * Math.Cos((at.TimeOfDay.TotalHours - 6) / 24 * 2 * Math.PI)));
    }

    public List<TermPost> Bucket(int bucket)
    {
        var at = BucketAt(bucket);
        var count = Poisson((double)PostsPerDay / BucketsPerDay * Profile(at));
        var posts = new List<TermPost>(count);
        while (posts.Count < count)
        {
            var isProlific = _random.Next(10) == 0;
            var author = isProlific ? _random.Next(ProlificAuthors) : ProlificAuthors + _random.Next(2_000_000);
            var index = isProlific && _random.Next(4) == 0 ? author * 37 % _posts.Length : _random.Next(_posts.Length);
            if (_random.NextDouble() * 1.6 < 1 + (0.6 * Math.Cos((at.TimeOfDay.TotalHours - _phases[index]) / 24 * 2 * Math.PI)))
                posts.Add(Create(at, _posts[index], $"u{author}", _posts[index].Subreddit));
        }

        return posts;
    }

    /// <summary>A post of another author, in half of the cases in another subreddit.</summary>
    public TermPost Injected(int bucket, PostObservation post)
    {
        var subreddit = _random.Next(2) == 0 ? post.Subreddit : _posts[_random.Next(_posts.Length)].Subreddit;
        return Create(BucketAt(bucket), post, $"i{_random.Next(2_000_000)}", subreddit);
    }

    public int Next(int exclusive) => _random.Next(exclusive);

    /// <summary>Knuth's way for small means, a rounded normal variable for large ones.</summary>
    public int Poisson(double mean)
    {
        if (mean > 50)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            return Math.Max(0, (int)Math.Round(mean + (Math.Sqrt(mean) * normal)));
        }

        var (count, product) = (0, _random.NextDouble());
        for (var least = Math.Exp(-mean); product > least; count++)
            product *= _random.NextDouble();
        return count;
    }

    private TermPost Create(DateTimeOffset bucket, PostObservation post, string author, string subreddit)
    {
        var created = bucket.AddSeconds(_random.Next((int)TermClock.Length.TotalSeconds));
        return new TermPost($"p{_next++}", created, created.AddSeconds(90), subreddit, author, post.Title, post.Url);
    }
}
