using SignalFlow.Contracts;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// Bursts of recorded terms injected into a <see cref="TitleWorld"/>, after two weeks of history: a day without any for the false alarms, then four
/// days with. A discovery is true where at least half of the authors above the expectation come from an injected post, be it of another word of its titles.
/// </summary>
internal sealed class BurstRun
{
    public const int WarmDays = 14;
    public const int QuietDays = 1;
    public const int BurstDays = 4;

    public static readonly int[] Factors = [2, 3, 5, 10];

    /// <summary>Usual authors per bucket, from and below.</summary>
    public static readonly (double From, double Below)[] Bands = [(0.3, 1), (1, 3), (3, 10)];

    private const int BucketsPerDay = 96;
    private const int PerCell = 15;

    private readonly TitleWorld _world;
    private readonly TermStream _stream = new();
    private readonly List<InjectedBurst> _bursts;
    private long _posts;
    private TimeSpan _spent;

    public BurstRun(List<PostObservation> posts, int seed)
    {
        _world = new TitleWorld(posts, seed);
        _bursts = Choose();
    }

    public List<InjectedBurst> Bursts => _bursts;

    public int QuietDiscoveries { get; private set; }

    public int Discoveries { get; private set; }

    public int FalseDiscoveries { get; private set; }

    public List<TermBurst> FalseOnes { get; } = [];

    public double MicrosecondsPerPost => _spent.TotalMicroseconds / _posts;

    public TermHistory History => _stream.History;

    public long HistoryBytes { get; private set; }

    public double[] Dispersion { get; private set; } = [];

    public void Run()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var bucket = 0; bucket < (WarmDays + QuietDays + BurstDays) * BucketsPerDay; bucket++)
        {
            var posts = _world.Bucket(bucket);
            var injected = Inject(bucket, posts);
            var begun = Environment.CpuUsage.TotalTime;
            var result = _stream.Close(TitleWorld.BucketAt(bucket), posts);
            if (bucket >= (WarmDays - 7) * BucketsPerDay)
            {
                _spent += Environment.CpuUsage.TotalTime - begun;
                _posts += posts.Count;
            }

            if (bucket < WarmDays * BucketsPerDay)
                continue;
            if (bucket < (WarmDays + QuietDays) * BucketsPerDay)
                QuietDiscoveries += result.Bursts.Count;
            else
                Judge(bucket, result.Bursts, injected);
        }

        Dispersion = _stream.Dispersion;
        // The world made no lasting objects meanwhile; what is left is the stream's.
        HistoryBytes = GC.GetTotalMemory(forceFullCollection: true) - before;
    }

    private List<TermPost> Inject(int bucket, List<TermPost> posts)
    {
        var injected = new List<TermPost>();
        foreach (var burst in _bursts.Where(burst => burst.Covers(bucket)))
        {
            for (var i = _world.Poisson(burst.ExtraIn(bucket)); i > 0; i--)
                injected.Add(_world.Injected(bucket, burst.Titles[_world.Next(burst.Titles.Count)]));
        }

        posts.AddRange(injected);
        return injected;
    }

    private void Judge(int bucket, List<TermBurst> found, List<TermPost> injected)
    {
        var byTerm = TermCounts.Of(TitleWorld.BucketAt(bucket), injected).Terms.ToDictionary(term => term.Term, term => term.Authors, StringComparer.Ordinal);
        foreach (var term in found)
        {
            Discoveries++;
            if (byTerm.GetValueOrDefault(term.Term) < (term.Authors - term.Expected) / 2)
            {
                FalseDiscoveries++;
                FalseOnes.Add(term);
            }
        }

        foreach (var burst in _bursts.Where(burst => burst.Covers(bucket) && burst.FoundAfter is null && found.Exists(burst.Is)))
            burst.FoundAfter = bucket - burst.First;
    }

    private List<InjectedBurst> Choose()
    {
        var titles = TitlesByTerm();
        var bursts = new List<InjectedBurst>();
        var first = (WarmDays + QuietDays) * BucketsPerDay;
        foreach (var (from, below) in Bands)
        {
            var terms = titles
                .Select(term => (
                    Term: term.Key, Titles: term.Value,
                    Usual: (double)term.Value.Count / _world.Posts.Length * TitleWorld.PostsPerDay / BucketsPerDay))
                .Where(term => term.Usual >= from && term.Usual < below)
                .OrderBy(term => term.Term, StringComparer.Ordinal)
                .ToArray();
            foreach (var factor in Factors)
            {
                for (var i = 0; i < PerCell; i++)
                {
                    var (term, with, usual) = terms[_world.Next(terms.Length)];
                    bursts.Add(new InjectedBurst(term, factor, usual, first + _world.Next((BurstDays * BucketsPerDay) - InjectedBurst.Buckets), with));
                }
            }
        }

        return bursts;
    }

    private Dictionary<string, List<PostObservation>> TitlesByTerm()
    {
        var reader = new TermReader();
        var titles = new Dictionary<string, List<PostObservation>>(StringComparer.Ordinal);
        foreach (var post in _world.Posts)
        {
            foreach (var term in reader.Read(post.Title))
            {
                var text = reader.TextOf(term).ToString();
                if (!titles.TryGetValue(text, out var list))
                    titles.Add(text, list = []);
                if (list.Count == 0 || !ReferenceEquals(list[^1], post))
                    list.Add(post);
            }
        }

        return titles;
    }
}
