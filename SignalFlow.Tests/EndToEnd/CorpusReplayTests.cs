using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

[Collection(WholeProgram.Collection)]
public sealed class CorpusReplayTests
{
    private static readonly TimeSpan ReplayLimit = TimeSpan.FromSeconds(90);
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Every_post_of_a_corpus_is_stored_once_with_its_very_title()
    {
        string[] peculiar =
        [
            "Plain words", "First line\nsecond line", "Tab\there and a\r\nline end",
            "Emoji 🚀 and 👩‍👩‍👧‍👦 and ❤️",
            "“Curly” and \"straight\" and 'single' quotes",
            "Tom &amp; Jerry &lt;3 &gt; others & more", "Back\\slash, \\n that is none, \u0001 control", "  spaces around  ", "Ünïcödé ﷽ 漢字 العربية",
            "<script>alert(1)</script>", "%20 + %00 {0} ${x} $1 ' OR 1=1; --", "e\u0301 is not \u00e9", "Zero\u200bwidth\u2028separator",
        ];
        var posts = Enumerable.Range(0, 400)
            .Select(i => new RecordedPost($"e2e{i:d4}", $"corpus_{i % 5}", $"{peculiar[i % peculiar.Length]} #{i}"))
            .ToList();
        await using var standalone = new StandaloneProcess();
        var corpus = standalone.WriteFile("corpus.jsonl", posts.Select((post, i) => JsonSerializer.Serialize(
            new { id = post.Id, subreddit = post.Subreddit, title = post.Title, author = "someone", score = i, num_comments = i / 2 },
            i % 2 == 0 ? Unescaped : null)));

        await standalone.StartAsync("--corpus", corpus, "--speed", "600");

        await AssertStoresAsync(standalone, posts);
    }

    [Fact]
    public async Task Every_post_of_a_recording_is_stored_once_with_its_very_title()
    {
        if (SharedData.Path("posts/posts_api_2020_12subs.jsonl.gz") is not { } recording)
        {
            Assert.Skip("../shared/data/posts is not there.");
            return;
        }

        await using var standalone = new StandaloneProcess();
        await standalone.StartAsync("--corpus", recording, "--speed", "600");

        await AssertStoresAsync(standalone, [.. ReadLines(recording).Select(Parse)]);
    }

    private static async Task AssertStoresAsync(StandaloneProcess standalone, IReadOnlyCollection<RecordedPost> posts)
    {
        try
        {
            await Eventually.TrueAsync(async () => await standalone.CountAsync("SELECT count(*) FROM posts") >= posts.Count, ReplayLimit);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // The comparison says what is missing.
        }

        var stored = await standalone.QueryAsync(
            "SELECT p.id, s.name, p.title FROM posts AS p JOIN subreddits AS s ON s.id = p.subreddit_id",
            reader => new RecordedPost(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        Assert.Empty(posts.Select(post => post.Id).Except(stored.Select(post => post.Id)));
        Assert.Equal(
            posts.OrderBy(post => post.Id, StringComparer.Ordinal),
            stored.OrderBy(post => post.Id, StringComparer.Ordinal));
        Assert.Empty(standalone.Errors);
    }

    private static IEnumerable<string> ReadLines(string gzip)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(gzip), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static RecordedPost Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return new(
            json.RootElement.GetProperty("id").GetString()!,
            json.RootElement.GetProperty("subreddit").GetString()!,
            json.RootElement.GetProperty("title").GetString()!);
    }

    private sealed record RecordedPost(string Id, string Subreddit, string Title);
}
