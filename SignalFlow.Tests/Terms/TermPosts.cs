using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

/// <summary>Posts for the tests of terms.</summary>
internal static class TermPosts
{
    /// <summary>A Monday.</summary>
    public static readonly DateTimeOffset Monday = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    public static TermPost Post(string id, string title, string? author = null, string subreddit = "news", string? url = null, int second = 0) =>
        new(id, Monday.AddSeconds(second), Monday.AddSeconds(second + 60), subreddit, author ?? "author of " + id, title, url);

    /// <summary>Of each of as many authors, each in a subreddit of its own.</summary>
    public static IEnumerable<TermPost> Posts(int count, string title, DateTimeOffset? at = null) =>
        Enumerable.Range(0, count).Select(i => new TermPost(
            $"{title}{i}", at ?? Monday, (at ?? Monday).AddMinutes(1), $"sub{i}", $"author{title}{i}", title, null));

    public static TermCount? Find(this TermCounts counts, string term) => counts.Terms.SingleOrDefault(count => count.Term == term);

    /// <summary>An ordinary bucket: a hundred posts, the same twenty words each time, drawn by the seed.</summary>
    public static List<TermPost> Ordinary(DateTimeOffset bucket, int seed)
    {
        string[] words =
        [
            "kotlin", "android", "rust", "compiler", "garden", "tomato", "bicycle", "volcano", "museum", "planet", "guitar", "sourdough", "lighthouse",
            "telescope", "harbour", "chess", "marathon", "castle", "penguin", "glacier",
        ];
        var random = new Random(seed + (int)(bucket.UtcTicks / TermClock.Length.Ticks));
        return [.. Enumerable.Range(0, 100).Select(i => new TermPost(
            $"{bucket.UtcTicks}-{i}",
            bucket.AddSeconds(i),
            bucket.AddSeconds(i + 60),
            $"sub{random.Next(20)}",
            $"author{random.Next(100_000)}",
            $"{words[random.Next(20)]} and {words[random.Next(20)]}",
            null))];
    }
}
