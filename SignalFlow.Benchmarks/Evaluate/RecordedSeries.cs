using System.Text.Json;
using SignalFlow.Benchmarks.Text;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// Reads <c>timeseries_*.jsonl.gz</c>, as it is recorded by ingestion, too: a post or some of its samples a line, {id, subreddit, created_utc,
/// title?, samples: [{t, score, num_comments, upvote_ratio?, removed_by_category?}]}; times are Unix seconds.
/// </summary>
internal static class RecordedSeries
{
    private const string Prefix = "timeseries_";
    private const string Suffix = ".jsonl.gz";

    public static async Task<List<PostSeries>> LoadAsync(string folder, bool isChoosing, CancellationToken cancellationToken)
    {
        var series = new List<PostSeries>();
        foreach (var path in Directory.GetFiles(folder, Prefix + "*" + Suffix).Order(StringComparer.Ordinal))
            series.Add(await LoadAsync(folder, Path.GetFileName(path)[Prefix.Length..^Suffix.Length], cancellationToken, isChoosing));
        return series;
    }

    /// <param name="name">What stands between <c>timeseries_</c> and <c>.jsonl.gz</c>.</param>
    public static async Task<PostSeries> LoadAsync(
        string folder, string name, CancellationToken cancellationToken, bool isChoosing = false)
    {
        var vader = new VaderAnalyzer();
        var posts = new List<SeriesPost>();
        await foreach (var line in JsonLines.ReadAsync(Path.Combine(folder, Prefix + name + Suffix), cancellationToken))
            posts.Add(Parse(line, vader));
        return posts.Count > 0
            ? new(name, posts.GroupBy(post => post.Id).Select(Joined), isChoosing: isChoosing)
            : throw new InvalidDataException($"{Prefix}{name}{Suffix} holds no posts.");
    }

    private static SeriesPost Parse(string line, VaderAnalyzer vader)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var title = root.TryGetProperty("title", out var text) ? text.GetString() : null;
        return new(
            root.GetProperty("id").GetString()!,
            root.GetProperty("subreddit").GetString()!,
            Microseconds(root.GetProperty("created_utc")),
            [.. root.GetProperty("samples").EnumerateArray().Select(Sample).OrderBy(sample => sample.At).DistinctBy(sample => sample.At)],
            string.IsNullOrEmpty(title) ? 0 : vader.Score(title).Compound);
    }

    private static SeriesPost Joined(IGrouping<string, SeriesPost> parts)
    {
        var first = parts.First();
        return new(
            first.Id, first.Subreddit, first.CreatedAt,
            [.. parts.SelectMany(part => part.Observations).OrderBy(sample => sample.At).DistinctBy(sample => sample.At)], first.Sentiment);
    }

    private static SurgeObservation Sample(JsonElement sample) => new(
        Microseconds(sample.GetProperty("t")),
        sample.GetProperty("score").GetInt32(),
        sample.GetProperty("num_comments").GetInt32(),
        sample.TryGetProperty("upvote_ratio", out var ratio) && ratio.ValueKind == JsonValueKind.Number ? ratio.GetSingle() : float.NaN,
        sample.TryGetProperty("removed_by_category", out var removed) && removed.ValueKind == JsonValueKind.String);

    private static long Microseconds(JsonElement seconds) => (long)Math.Round(seconds.GetDouble() * 1e6);
}
