using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>The observations of a run: real titles, bodies cut to 150 characters, so that a message has about 600 bytes.</summary>
internal sealed class PipelinePosts(TitleCorpus corpus)
{
    private const int Subreddits = 200;
    private const int BodyLength = 150;

    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;

    public PostObservation Raw(int number)
    {
        var (title, body) = corpus.Posts[number % corpus.Posts.Length];
        var subreddit = string.Create(CultureInfo.InvariantCulture, $"subreddit_{number * 31L % Subreddits}");
        var id = Id(number);
        return new()
        {
            Id = id,
            Title = title,
            Selftext = body is { Length: > BodyLength } ? Cut(body) : body,
            Subreddit = subreddit,
            Author = string.Create(CultureInfo.InvariantCulture, $"author_{number % 5_000}"),
            CreatedUtc = Start + number * 0.01,
            Score = 1 + number % 50,
            NumComments = number % 7,
            UpvoteRatio = 0.9,
            Url = $"https://www.reddit.com/r/{subreddit}/comments/{id}/",
            Permalink = $"/r/{subreddit}/comments/{id}/",
            PollPriority = "aggressive",
            ObservedAt = Start + 60 + number * 0.01,
            LastPolledAt = Start + 60 + number * 0.01,
        };
    }

    /// <summary>The same post five minutes later.</summary>
    public PostObservation Refresh(int number)
    {
        var raw = Raw(number);
        return raw with
        {
            Score = raw.Score + number % 300,
            NumComments = raw.NumComments + number % 40,
            ObservedAt = raw.ObservedAt + 300,
            LastPolledAt = raw.LastPolledAt + 300,
        };
    }

    // In no order, as the ids of posts within a batch are.
    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{unchecked((uint)number * 2_654_435_761u):x8}");

    private static string Cut(string body) => body[..(char.IsHighSurrogate(body[BodyLength - 1]) ? BodyLength - 1 : BodyLength)];
}
