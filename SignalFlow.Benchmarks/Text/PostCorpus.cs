using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Text;

/// <summary>Real posts of <c>../shared/data/posts</c>, whole; empty where that folder is not beside the checkout.</summary>
internal static class PostCorpus
{
    public static async Task<List<PostObservation>> LoadAsync(CancellationToken cancellationToken)
    {
        return TitleCorpus.Folder() is { } folder ? await LoadAsync(folder, cancellationToken) : [];
    }

    public static async Task<List<PostObservation>> LoadAsync(string folder, CancellationToken cancellationToken)
    {
        var posts = new List<PostObservation>();
        foreach (var path in Directory.GetFiles(folder, "posts_*.jsonl.gz").Order(StringComparer.Ordinal))
        {
            await foreach (var line in JsonLines.ReadAsync(path, cancellationToken))
            {
                using var document = JsonDocument.Parse(line);
                posts.Add(Read(document.RootElement));
            }
        }

        return posts;
    }

    // Not by the contract's reader: sources that do not tell write null, which no message may hold.
    private static PostObservation Read(JsonElement post)
    {
        return new()
        {
            Id = Text("id")!,
            Title = Text("title")!,
            Selftext = Text("selftext"),
            Subreddit = Text("subreddit")!,
            Author = Text("author"),
            CreatedUtc = post.GetProperty("created_utc").GetDouble(),
            Score = post.GetProperty("score").GetInt32(),
            NumComments = post.GetProperty("num_comments").GetInt32(),
            Url = Text("url"),
            Permalink = Text("permalink"),
        };

        string? Text(string name) => post.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
