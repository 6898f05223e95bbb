using System.IO.Compression;
using System.Text.Json;

namespace SignalFlow.Benchmarks;

/// <summary>Real posts of <c>../shared/data</c> where that folder is beside the checkout, else sentences of our own.</summary>
internal sealed class TitleCorpus
{
    public const int Count = 20_000;

    private static readonly (string, string?)[] Own =
    [
        ("Rust 2021 roadmap: what the compiler team plans", "What the team wants to finish this year. Faster incremental builds come first."),
        ("I can't believe how GREAT this little telescope is!!!", null),
        ("Is it normal that my sourdough starter smells like paint?", "Fine for two weeks, but since Monday it does not rise."),
        ("Storm leaves 40,000 homes without power, but nobody was hurt", null),
        ("My grandmother’s first day at the beach 😀❤️", null),
        ("Kotlin vs. C#: which one would you choose for a small API in 2026?", "I know neither really well. Node.js is what I use at work."),
        ("火山噴火警報", null),
        ("The worst customer service I have ever had, and the refund never came", null),
        ("[OC] Sunrise over the old harbour", null),
        ("Why do my tomatoes split?", "They look healthy, then crack overnight after rain."),
    ];

    private TitleCorpus((string Title, string? Body)[] posts) => Posts = posts;

    public (string Title, string? Body)[] Posts { get; }

    /// <summary>Exactly <see cref="Count"/> posts, taken evenly from all there are.</summary>
    public static TitleCorpus Load()
    {
        var all = Folder() is { } folder ? Read(folder) : Own;
        var posts = new (string, string?)[Count];
        for (var i = 0; i < posts.Length; i++)
            posts[i] = all[(int)((long)i * all.Length / Count)];
        return new TitleCorpus(posts);
    }

    /// <summary>The folder of real posts; null where it is not beside the checkout.</summary>
    public static string? Folder()
    {
        // Benchmarks run in a folder below the one they were built in.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var posts = Path.Combine(folder.FullName, "..", "shared", "data", "posts");
            if (File.Exists(Path.Combine(folder.FullName, "SignalFlow.sln")) && Directory.Exists(posts))
                return posts;
        }

        return null;
    }

    private static (string, string?)[] Read(string folder)
    {
        var posts = new List<(string, string?)>();
        foreach (var path in Directory.GetFiles(folder, "posts_*.jsonl.gz").Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            while (reader.ReadLine() is { } line)
            {
                using var post = JsonDocument.Parse(line);
                posts.Add((post.RootElement.GetProperty("title").GetString()!, post.RootElement.GetProperty("selftext").GetString()));
            }
        }

        return [.. posts];
    }
}
