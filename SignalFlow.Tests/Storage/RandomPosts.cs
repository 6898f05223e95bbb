using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Storage;

/// <summary>Batches in which posts appear, grow, lose their authors and are purged.</summary>
internal sealed class RandomPosts(Random random)
{
    private const int Posts = 150;
    private static readonly DateTime Start = new(2026, 11, 20, 0, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<int, PostState> _states = [];
    private long _now = new DateTimeOffset(Start).ToUnixTimeMilliseconds() * 1000 + 86_400_000_000 * 3;

    public PostBatch NextBatch(int size)
    {
        _now += 60_000_000;
        var changes = Enumerable.Range(0, size).Select(_ => random.Next(Posts)).Distinct().Select(Next).ToList();
        return new(changes, [.. changes.Select(change => new HistoryEntry(change.Newest.Id, change.Newest.Subreddit, change.State.Last, null))]);
    }

    private PostChange Next(int post)
    {
        var sample = new Sample(_now, random.Next(2_000), random.Next(300));
        _states[post] = _states.TryGetValue(post, out var known) ? known.Add(sample) : PostState.First(sample);
        var purged = random.Next(12) == 0;
        return new()
        {
            Newest = new()
            {
                Id = $"p{post}",
                Title = $"Title {post}",
                Subreddit = $"sub{post % 4}",
                Author = random.Next(10) == 0 ? "[deleted]" : $"author{post % 17}",
                CreatedUtc = new DateTimeOffset(Start).ToUnixTimeSeconds() + post * 1_500,
                Score = sample.Score,
                NumComments = sample.Comments,
            },
            State = _states[post],
            TrendingScore = 0.5,
            IsTrending = random.Next(5) == 0,
            Nlp = purged ? null : new(random.NextDouble() * 2 - 1, "neutral", ["word"]),
            Purge = purged ? new(_now, "deleted") : null,
        };
    }
}
