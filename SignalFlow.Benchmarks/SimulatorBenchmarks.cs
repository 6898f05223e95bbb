using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using SignalFlow.Benchmarks.Ingest;
using SignalFlow.RedditSimulator.Http;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks;

/// <summary>A page of 100 posts of the simulated Reddit, without HTTP: what bounds how fast a simulated day passes.</summary>
[MemoryDiagnoser]
public class SimulatorBenchmarks
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly SyntheticWorld _world = new(1, 24, table: Scenario.Named("thousand").ReadTable());
    private readonly ArrayBufferWriter<byte> _body = new(1 << 20);
    private readonly string[][] _pages = new string[64][];
    private List<Subreddit> _fast = [];
    private List<Subreddit> _slow = [];
    private TimeSpan _now = TimeSpan.FromHours(2);
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var subreddits = _world.Subreddits.Select(name => (Subreddit)_world.Find(name)!).ToList();
        (_fast, _slow) = (subreddits[..5], subreddits[^200..]);
        var ids = _world.NewestFirst(null, _now).Take(100 * _pages.Length)
            .Select(post => PostId.Format(((SubredditStream)post.Subreddit).Id, post.Index))
            .Chunk(100)
            .ToArray();
        ids.CopyTo(_pages, 0);
    }

    /// <summary>/api/info: the ids of a page, which time makes others.</summary>
    [Benchmark]
    public int LookUp()
    {
        _now += TimeSpan.FromSeconds(1);
        var ids = _pages[_next++ % _pages.Length];
        return Write([.. ids.Select(id => _world.Find(id, _now)).OfType<PostKey>()]);
    }

    /// <summary>/r/a+b+.../new of five busy subreddits, ten seconds later each time.</summary>
    [Benchmark]
    public int FewBusySubreddits()
    {
        _now += TimeSpan.FromSeconds(10);
        return Write([.. _world.NewestFirst(_fast, _now).Take(100)]);
    }

    /// <summary>The same of two hundred quiet ones.</summary>
    [Benchmark]
    public int ManyQuietSubreddits()
    {
        _now += TimeSpan.FromSeconds(10);
        return Write([.. _world.NewestFirst(_slow, _now).Take(100)]);
    }

    private int Write(List<PostKey> posts)
    {
        _body.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_body, WriterOptions);
        var page = new ListingPage(posts, false, false);
        ListingJson.Write(json, [.. posts.Select(post => _world.Describe(post, _now))], page, at => IngestRun.Start + at, rawJson: true);
        json.Flush();
        return _body.WrittenCount;
    }
}
