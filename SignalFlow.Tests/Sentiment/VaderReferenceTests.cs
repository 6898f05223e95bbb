using System.IO.Compression;
using System.Text.Json;
using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Tests.Sentiment;

/// <summary>Scores that the reference implementation gave, compared digit by digit.</summary>
public sealed class VaderReferenceTests
{
    private static readonly VaderAnalyzer Analyzer = new();

    // Texts whose fourth decimal depends on how the reference's runtime adds floats (plainly, or from Python 3.12 on with compensation).
    private static readonly string[] DependOnPythonVersion =
    [
        "guilty TO DIE FOR??? Whines with CHEERER",
        "\"The shit\" \"Tortures\" poor cheerfully!!!",
    ];

    [Theory]
    [InlineData("titles_5000.jsonl.gz", 5_000)]
    [InlineData("adversarial.jsonl", 620)]
    [InlineData("fuzz_2000.jsonl.gz", 2_000)]
    [InlineData("readme_examples.jsonl", 78)]
    public async Task Scores_as_the_reference_to_the_last_digit(string file, int count)
    {
        if (SharedData.Path("vader/" + file) is not { } path)
        {
            Assert.Skip("../shared/data/vader is not here");
            return;
        }

        var differences = new List<string>();
        var compared = 0;
        await foreach (var (text, expected) in ReadVectors(path))
        {
            compared++;
            var actual = Analyzer.Score(text);
            if (actual != expected && !DependOnPythonVersion.Contains(text))
                differences.Add($"{JsonSerializer.Serialize(text)[..Math.Min(text.Length, 120)]}: expected {expected}, got {actual}");
        }

        Assert.Empty(differences);
        Assert.Equal(count, compared);
    }

    private static async IAsyncEnumerable<(string Text, SentimentScores Expected)> ReadVectors(string path)
    {
        await using var file = File.OpenRead(path);
        await using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            using var vector = JsonDocument.Parse(line);
            var root = vector.RootElement;
            yield return (
                root.GetProperty("text").GetString()!,
                new SentimentScores(Number("neg"), Number("neu"), Number("pos"), Number("compound")));

            double Number(string name) => root.GetProperty(name).GetDouble();
        }
    }
}
