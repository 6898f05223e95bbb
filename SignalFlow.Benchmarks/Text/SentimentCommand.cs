using System.CommandLine;
using System.Text.Json;
using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Benchmarks.Text;

/// <summary>
/// The verb <c>sentiment</c>: compares with reference scores, all four numbers to the last digit, and measures the throughput of one thread.
/// The last line of its output is one JSON object.
/// </summary>
internal static class SentimentCommand
{
    public const string Verb = "sentiment";

    private const int ShownMismatches = 20;

    // Sums of floats differ between the reference's runtimes; with this tag a difference of one in the last digit is none.
    private const string RuntimeDependent = "python-version-dependent";

    public static Task<int> RunAsync(string[] args)
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "JSON lines {text,neg,neu,pos,compound}, plain or .gz.", Arity = ArgumentArity.OneOrMore };
        files.AcceptExistingOnly();
        var seconds = new Option<double>("--seconds") { Description = "CPU time of one timed round.", DefaultValueFactory = _ => 1 };
        var command = new RootCommand("Agreement with the reference, and speed.") { files, seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var vectors = new List<Vector>();
            foreach (var file in parsed.GetRequiredValue(files))
                vectors.AddRange(await ReadAsync(file.FullName, cancellationToken));
            return Run(vectors, TimeSpan.FromSeconds(parsed.GetValue(seconds)));
        });
        return command.Parse(args).InvokeAsync();
    }

    private static int Run(List<Vector> vectors, TimeSpan round)
    {
        var analyzer = new VaderAnalyzer();
        var mismatches = 0;
        foreach (var vector in vectors)
        {
            var actual = analyzer.Score(vector.Text);
            if (vector.Agrees(actual))
                continue;
            if (mismatches++ < ShownMismatches)
                Console.WriteLine($"differs: {JsonSerializer.Serialize(vector.Text)}: expected {vector.Expected}, got {actual}");
        }

        // Texts with a tag are made up to provoke; the speed that counts is that of titles.
        var titles = vectors.Where(vector => vector.Tag is null).Select(vector => vector.Text).ToArray();
        if (titles.Length == 0)
            titles = [.. vectors.Select(vector => vector.Text)];
        var speed = ThroughputMeter.Measure(round, titles.Length, () =>
        {
            var sum = 0.0;
            foreach (var title in titles)
                sum += analyzer.Score(title).Compound;
            return sum;
        });

        Console.WriteLine($"compared {vectors.Count} texts, {mismatches} differ");
        Console.WriteLine(speed.Describe($"scored {titles.Length} texts without a tag"));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            compared = vectors.Count,
            mismatches,
            texts_per_s = Math.Round(speed.PerCpuSecond),
            texts_per_s_wall = Math.Round(speed.PerSecond),
            bytes_per_text = Math.Round(speed.BytesPerItem, 3),
        }));
        return mismatches == 0 ? 0 : 1;
    }

    private static async Task<List<Vector>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var vectors = new List<Vector>();
        await foreach (var line in JsonLines.ReadAsync(path, cancellationToken))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            vectors.Add(new Vector(
                root.GetProperty("text").GetString()!,
                new SentimentScores(Number("neg"), Number("neu"), Number("pos"), Number("compound")),
                root.TryGetProperty("tag", out var tag) ? tag.GetString() : null));

            double Number(string name) => root.GetProperty(name).GetDouble();
        }

        return vectors;
    }

    private sealed record Vector(string Text, SentimentScores Expected, string? Tag)
    {
        private bool IsRuntimeDependent => Tag?.Contains(RuntimeDependent, StringComparison.Ordinal) == true;

        public bool Agrees(SentimentScores actual) =>
            actual == Expected || (IsRuntimeDependent
                && Near(actual.Negative, Expected.Negative, 0.001)
                && Near(actual.Neutral, Expected.Neutral, 0.001)
                && Near(actual.Positive, Expected.Positive, 0.001)
                && Near(actual.Compound, Expected.Compound, 0.0001));

        private static bool Near(double actual, double expected, double lastDigit) => Math.Abs(actual - expected) < lastDigit * 1.5;
    }
}
