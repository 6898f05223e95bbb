using System.Globalization;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>Makes up the messages of one post after the other.</summary>
internal sealed class CrashPosts(Random random)
{
    // 2026-11-20T10:00:00Z; with the span the stream crosses a midnight.
    private const double Start = 1_795_168_800;
    private const double Span = 20 * 3600;

    private const int MostObservations = 9;
    private const int Subreddits = 60;
    private const double DuplicateShare = 0.06;
    private const double DisorderShare = 0.3;
    private const double RemovedShare = 0.05;
    private const double DeletedAuthorShare = 0.03;
    private const double EditedShare = 0.15;
    private const double PoisonShare = 0.05;

    private static readonly string[] Words =
    [
        "love", "hate", "great", "terrible", "win", "loss", "discovery", "storm", "Rust", "Kotlin", "telescope", "sourdough", "harbour", "tomatoes",
        "grandmother", "election", "budget", "compiler", "roadmap", "wonderful", "disaster", "happy", "sad", "release", "outage", "foxes", "火山",
        "😀", "don't", "NOT", "very", "never", "city", "river", "team", "market", "price", "school", "train", "music",
    ];

    private static readonly string[] Removals = ["moderator", "author", PostRemoval.Deleted, PostRemoval.Absent, PostRemoval.Absent];

    private int _number;

    /// <param name="placed">Gets the messages of the next post, each with its place in the stream; by instants, but not strictly.</param>
    public void AddNext(List<(double Place, StreamMessage Message)> placed)
    {
        var first = First();
        var observation = first;
        var edited = random.NextDouble() < EditedShare ? Text(random.Next(3, 9)) : null;
        var leavesAt = random.NextDouble() < DeletedAuthorShare ? random.Next(1, MostObservations) : MostObservations;
        var removedAt = random.NextDouble() < RemovedShare ? random.Next(MostObservations) : MostObservations;
        var count = random.Next(1, MostObservations);
        for (var look = 0; look < count; look++)
        {
            if (look > 0)
            {
                // Edited, and now and then edited back.
                var text = edited is not null && random.Next(2) == 0 ? edited : first.Title;
                observation = Later(observation) with { Title = text, Author = look < leavesAt ? first.Author : "[deleted]" };
            }

            var message = look == removedAt ? Removal(observation) : observation;
            Place(placed, look == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh, message);
        }

        if (random.NextDouble() < PoisonShare)
            placed.Add((observation.ObservedAt!.Value, Poison(first)));
    }

    private PostObservation First()
    {
        var number = _number++;
        // In no order, as ids within a batch are.
        var id = string.Create(CultureInfo.InvariantCulture, $"{unchecked((uint)number * 2_654_435_761u):x8}");
        var subreddit = string.Create(CultureInfo.InvariantCulture, $"subreddit_{random.Next(Subreddits)}");
        var seen = Start + random.NextDouble() * Span;
        return new()
        {
            Id = id,
            Title = Text(random.Next(4, 10)),
            Selftext = random.Next(2) == 0 ? null : Text(random.Next(5, 20)),
            Subreddit = subreddit,
            Author = string.Create(CultureInfo.InvariantCulture, $"author_{random.Next(900)}"),
            CreatedUtc = Math.Round(seen) - 60,
            Score = random.Next(100),
            NumComments = random.Next(20),
            UpvoteRatio = Ratio(),
            Url = $"https://example.org/{id}",
            Permalink = $"/r/{subreddit}/comments/{id}/",
            PollPriority = "aggressive",
            ObservedAt = Math.Round(seen, 3),
        };
    }

    private PostObservation Later(PostObservation before) => before with
    {
        // Some faster than 50 points a second, so that posts begin and cease to trend.
        Score = before.Score + (random.Next(5) == 0 ? random.Next(30_000) : random.Next(-20, 400)),
        NumComments = before.NumComments + random.Next(60),
        UpvoteRatio = Ratio(),
        Over18 = before.Over18 || random.Next(50) == 0,
        Flair = random.Next(3) == 0 ? Words[random.Next(Words.Length)] : before.Flair,
        PollPriority = random.Next(4) == 0 ? "normal" : before.PollPriority,
        ObservedAt = Math.Round(before.ObservedAt!.Value + 30 + random.NextDouble() * 570, 3),
    };

    private PostObservation Removal(PostObservation observation) => observation with
    {
        Title = PostRemoval.Placeholder,
        Selftext = null,
        Author = null,
        Url = null,
        Permalink = null,
        Flair = null,
        RemovedByCategory = Removals[random.Next(Removals.Length)],
    };

    private void Place(List<(double Place, StreamMessage Message)> placed, string topic, PostObservation post)
    {
        var message = new StreamMessage(topic, post.Id, Json(post), post);
        var place = post.ObservedAt!.Value;
        if (random.NextDouble() < DisorderShare)
            place += (random.NextDouble() - 0.5) * 1_800;
        placed.Add((place, message));
        if (random.NextDouble() < DuplicateShare)
            placed.Add((place + random.NextDouble() * 3_600, message));
    }

    private StreamMessage Poison(PostObservation post)
    {
        var (key, value) = random.Next(5) switch
        {
            0 => (post.Id, "<html>503</html>"u8.ToArray()),
            1 => (post.Id, Encoding.UTF8.GetBytes($$"""{"id":"{{post.Id}}","title":"without a subreddit"}""")),
            2 => (post.Id, Json(post with { Title = "a\0b" })),
            3 => (post.Id, Json(post with { UpvoteRatio = 97 })),
            _ => ("other", Json(post)),
        };
        return new(random.Next(2) == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh, key, value, Post: null);
    }

    private string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));

    private double Ratio() => Math.Round(random.NextDouble(), 2);

    private static byte[] Json(PostObservation post) => JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation);
}
