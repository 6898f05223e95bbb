using System.Globalization;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>
/// A stream as that of many subreddits: one message in nine is a new post, the others look again at one of the newest twenty thousand. Observation
/// times run as the clock does, shifted so that a day ends in the middle of the run.
/// </summary>
internal sealed class SoakStream(TitleCorpus corpus, TimeSpan shift, TimeProvider time)
{
    /// <summary>Posts that may be looked at again.</summary>
    public const int Tracked = 20_000;

    /// <summary>
    /// Of Ingestion; the first one polls the simulated Reddit. The stream is what another one publishes, whose posts the first does not look for.
    /// </summary>
    public const int IngestionShards = 2;

    private const int Subreddits = 250;
    private const int NewInto = 9;

    // Of the posts before the run, as many have a title that no other has as the simulated Reddit brings in the run.
    private const int OwnTitleInto = 20;
    private const int OwnWords = 8;

    // Seconds after its first sight, spread over the time for which a post is tracked.
    private static readonly int[] LooksAfter = [45, 150, 330, 570];

    private readonly Random _random = new(1);
    private readonly string[] _subreddits = [.. Names().Take(Subreddits)];
    private readonly List<(int Number, double First, double Last, int Looks)> _posts = [];
    private int _made;

    public int Observations { get; private set; }

    /// <summary>A new post from before the run.</summary>
    /// <param name="before">Tenths of a second.</param>
    public (string Topic, byte[] Key, byte[] Value) Earlier(int before)
    {
        Observations++;
        var (at, title) = ((time.GetUtcNow() + shift).ToUnixTimeMilliseconds() / 1e3 - before * 0.1, before % OwnTitleInto == 0 ? OwnTitle() : null);
        return First(at, title);
    }

    /// <summary>
    /// What was seen of the tracked posts before the run, so that whatever is reckoned from their histories takes what it does during the run.
    /// </summary>
    public IEnumerable<(string Topic, byte[] Key, byte[] Value)> EarlierLooks()
    {
        var now = (time.GetUtcNow() + shift).ToUnixTimeMilliseconds() / 1e3;
        for (var index = 0; index < _posts.Count; index++)
        {
            foreach (var after in LooksAfter)
            {
                if (_posts[index].First + after + index % 30 is var at && at < now)
                    yield return Look(index, at);
            }
        }
    }

    /// <summary>The next message.</summary>
    public (string Topic, byte[] Key, byte[] Value) Next()
    {
        var now = (time.GetUtcNow() + shift).ToUnixTimeMilliseconds() / 1e3;
        if (_posts.Count > 0 && _random.Next(NewInto) != 0)
            return Look(_random.Next(_posts.Count), now);
        Observations++;
        return First(now);
    }

    /// <summary>An observation of a day long past, such as an import brings: its partition is made, and dropped by retention.</summary>
    /// <param name="daysAgo">Beyond what is kept.</param>
    public (string Topic, byte[] Key, byte[] Value) Old(int daysAgo)
    {
        Observations++;
        return Message(KafkaTopics.Raw, Post(_made++, (time.GetUtcNow() + shift).AddDays(-daysAgo).ToUnixTimeMilliseconds() / 1e3, looks: 0));
    }

    private static IEnumerable<string> Names() => Enumerable.Range(0, int.MaxValue)
        .Select(number => string.Create(CultureInfo.InvariantCulture, $"soak_{number}"))
        .Where(name => Shards.Of(name, IngestionShards) != 0);

    private string OwnTitle() => string.Join(' ', Enumerable.Range(0, OwnWords).Select(_ => _random.GetString("aeioulmnrst", 7)));

    private (string Topic, byte[] Key, byte[] Value) First(double now, string? title = null)
    {
        var number = _made++;
        if (_posts.Count < Tracked)
            _posts.Add((number, now, now, 0));
        else
            _posts[number % Tracked] = (number, now, now, 0);
        var post = Post(number, now, looks: 0);
        return Message(KafkaTopics.Raw, title is null ? post : post with { Title = title });
    }

    private (string Topic, byte[] Key, byte[] Value) Look(int index, double now)
    {
        Observations++;
        var (number, first, last, looks) = _posts[index];
        // An observation is known by its instant.
        var at = Math.Round(Math.Max(now, last + 0.001), 3);
        _posts[index] = (number, first, at, looks + 1);
        return Message(KafkaTopics.Refresh, Post(number, first, looks + 1) with { ObservedAt = at });
    }

    private PostObservation Post(int number, double first, int looks)
    {
        var (title, body) = corpus.Posts[number % corpus.Posts.Length];
        var id = string.Create(CultureInfo.InvariantCulture, $"s{number:x7}");
        return new()
        {
            Id = id,
            Title = title,
            Selftext = body is { Length: > 150 } ? null : body,
            Subreddit = _subreddits[number * 31L % Subreddits],
            Author = string.Create(CultureInfo.InvariantCulture, $"author_{number % 5_000}"),
            CreatedUtc = Math.Floor(first) - 30,
            Score = 1 + number % 50 + looks * (number % 40),
            NumComments = number % 7 + looks,
            UpvoteRatio = 0.9,
            Permalink = $"/r/soak/comments/{id}/",
            PollPriority = "aggressive",
            ObservedAt = first,
        };
    }

    private static (string Topic, byte[] Key, byte[] Value) Message(string topic, PostObservation post) =>
        (topic, Encoding.UTF8.GetBytes(post.Id), JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation));
}
