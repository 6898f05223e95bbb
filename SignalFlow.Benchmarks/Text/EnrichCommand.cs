using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Topics;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Text;

/// <summary>
/// The verb <c>enrich</c>: what one thread of processing does for a post between Kafka and the database, on real posts: decoding, and the analysis of
/// a new post (sentiment, keywords, topic, velocity, trend) or of a refresh whose text has not changed. The last line is one JSON object.
/// </summary>
internal sealed class EnrichCommand
{
    public const string Verb = "enrich";

    private static readonly DateTimeOffset ObservedAt = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);

    private readonly VaderAnalyzer _vader = new();
    private readonly SeedTrending _trending;
    private readonly PostAnalysis _analysis;
    private readonly PostObservation[] _posts;
    private readonly ConsumeResult<byte[], byte[]>[] _records;
    private readonly ConsumeResult<byte[], byte[]>[] _refreshes;
    private readonly DecodedObservation[] _decoded;
    private readonly KnownPost[] _known;
    private readonly TimeSpan _round;

    private EnrichCommand(IEnumerable<PostObservation> posts, SeedTrending trending, TimeSpan round)
    {
        _round = round;
        _trending = trending;
        _analysis = new PostAnalysis(
            _vader, trending, new SurgeAnalysis(_ => BaselineTable.Empty, new(Options.Create(new SurgeOptions()))),
            Options.Create(new ProcessingOptions()));
        _posts = [.. posts.Select(post => post with
        {
            UpvoteRatio = 0.9,
            PollPriority = "aggressive",
            ObservedAt = ObservedAt.ToUnixTimeSeconds(),
            LastPolledAt = ObservedAt.ToUnixTimeSeconds(),
        })];
        _records = Array.ConvertAll(_posts, Record);
        _decoded = Array.ConvertAll(_records, Decode);
        _known = Array.ConvertAll(_decoded, post => Known(_analysis.Update([post], known: null)));
        _refreshes = Array.ConvertAll(_posts, post => Record(post with { ObservedAt = post.ObservedAt + 300, Score = post.Score + 30 }));
    }

    public static Task<int> RunAsync(string[] args)
    {
        var seconds = new Option<double>("--seconds") { Description = "CPU time of one timed round.", DefaultValueFactory = _ => 1 };
        var command = new RootCommand("The cost of enriching a post.") { seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var posts = await PostCorpus.LoadAsync(cancellationToken);
            if (posts.Count == 0)
                throw new FileNotFoundException("../shared/data/posts is not here; the cost depends on the posts' lengths, so only real ones tell.");
            using var trending = new SeedTrending(new FixedOptions(), NullLogger<SeedTrending>.Instance);
            new EnrichCommand(posts, trending, TimeSpan.FromSeconds(parsed.GetValue(seconds))).Run();
        });
        return command.Parse(args).InvokeAsync();
    }

    private void Run()
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_posts.Length} posts: title {_posts.Average(post => post.Title.Length):F1} characters, body {_posts.Average(BodyLength):F1} ({_posts.Count(post => BodyLength(post) > 0)} have one), message {_records.Average(record => record.Message.Value.Length):F0} bytes"));

        var whole = Measure("decode and analyse a new post", i => _analysis.Update([Decode(_records[i])], known: null).TrendingScore);
        var refresh = Measure("decode and analyse a refresh", i => _analysis.Update([Decode(_refreshes[i])], _known[i]).TrendingScore);
        var decode = Measure("decode", i => Decode(_records[i]).Sample.Score);
        var sentiment = Measure("sentiment", i => _vader.Score(_posts[i].Title).Compound);
        var keywords = Measure("keywords", i => KeywordExtractor.Extract(_posts[i].Title, _posts[i].Selftext).Length);
        var topic = Measure("topic", i => TopicCluster.Of(_posts[i].Title, _posts[i].Url) ?? 0);
        var print = Measure("text print", i => TextPrint.Of(_posts[i].Title, _posts[i].Selftext, scoresBody: false));
        var trend = Measure("velocity and trend", i =>
        {
            var state = _known[i].State.Add(_decoded[i].Sample with { At = _decoded[i].Sample.At + 300_000_000, Score = _posts[i].Score + 30 });
            return _trending.Rate(state.ScoreVelocity, _known[i].Nlp!.SentimentScore, state.Last.Comments).Score;
        });

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            posts = _posts.Length,
            posts_per_s = Math.Round(whole.PerCpuSecond),
            posts_per_s_wall = Math.Round(whole.PerSecond),
            refreshes_per_s = Math.Round(refresh.PerCpuSecond),
            bytes_per_post = Math.Round(whole.BytesPerItem),
            bytes_per_refresh = Math.Round(refresh.BytesPerItem),
            body_characters = Math.Round(_posts.Average(BodyLength), 1),
            message_bytes = Math.Round(_records.Average(record => record.Message.Value.Length)),
            microseconds = new
            {
                post = Cost(whole),
                refresh = Cost(refresh),
                decode = Cost(decode),
                sentiment = Cost(sentiment),
                keywords = Cost(keywords),
                topic = Cost(topic),
                text_print = Cost(print),
                velocity_and_trend = Cost(trend),
            },
        }));
    }

    private ThroughputMeter Measure(string what, Func<int, double> work)
    {
        var meter = ThroughputMeter.Measure(_round, _posts.Length, () =>
        {
            var sum = 0.0;
            for (var i = 0; i < _posts.Length; i++)
                sum += work(i);
            return sum;
        });
        Console.WriteLine(meter.Describe(what));
        return meter;
    }

    private static double Cost(ThroughputMeter meter) => Math.Round(1e6 / meter.PerCpuSecond, 3);

    private static int BodyLength(PostObservation post) => post.Selftext?.Length ?? 0;

    private static KnownPost Known(PostUpdate update) => new(update.State, update.Nlp);

    private static ConsumeResult<byte[], byte[]> Record(PostObservation post) => new()
    {
        Message = new()
        {
            Key = Encoding.UTF8.GetBytes(post.Id),
            Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
        },
    };

    private static DecodedObservation Decode(ConsumeResult<byte[], byte[]> record) =>
        ObservationDecoder.TryDecode(record, ObservedAt, out var observation) is { } poison
            ? throw new InvalidDataException($"A recorded post is refused: {poison.Message}")
            : observation;

    private sealed class FixedOptions : IOptionsMonitor<TrendingOptions>
    {
        public TrendingOptions CurrentValue { get; } = new();

        public TrendingOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<TrendingOptions, string?> listener) => null;
    }
}
