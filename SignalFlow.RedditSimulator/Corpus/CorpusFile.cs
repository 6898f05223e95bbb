using System.IO.Compression;
using System.Text.Json;
using System.Text.Unicode;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>
/// Recorded posts from a file of JSON lines, plain or gzipped, in file order. Each line needs <c>id</c>, <c>title</c> and
/// <c>subreddit</c>; lines that are not such an object are left out and counted, of posts with the same id the first counts.
/// </summary>
internal sealed class CorpusFile
{
    /// <summary>How many of the skipped lines are remembered by number, for the log.</summary>
    private const int RememberedLines = 10;

    private readonly List<CorpusPost> _posts = [];
    private readonly List<string> _subreddits = [];
    private readonly List<int> _skippedLines = [];
    private readonly Dictionary<string, int> _byId = [];
    private readonly Dictionary<string, int> _subredditByName = new(StringComparer.OrdinalIgnoreCase);
    // Few distinct authors write most posts; one string each.
    private readonly HashSet<string> _authors = [];

    private CorpusFile()
    {
    }

    public IReadOnlyList<CorpusPost> Posts => _posts;

    public IReadOnlyDictionary<string, int> ById => _byId;

    /// <summary>Names in the order and spelling of their first post.</summary>
    public IReadOnlyList<string> Subreddits => _subreddits;

    public int SkippedLines { get; private set; }

    public int RepeatedIds { get; private set; }

    /// <summary>Numbers of the first skipped lines, from 1.</summary>
    public IReadOnlyList<int> FirstSkippedLines => _skippedLines;

    /// <exception cref="InvalidOperationException">The file cannot be read; the message names <c>Simulator:CorpusPath</c> and the path.</exception>
    public static CorpusFile Read(string path)
    {
        var corpus = new CorpusFile();
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            using Stream content = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            var lines = new LineReader(content);
            for (var number = 1; lines.TryRead(out var line); number++)
            {
                if (line.Span.IndexOfAnyExcept(" \t\r"u8) >= 0 && !corpus.TryAdd(line.Span))
                    corpus.Skip(number);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            throw new InvalidOperationException($"Simulator:CorpusPath: the corpus '{path}' cannot be read: {e.Message}", e);
        }

        return corpus;
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic is [0x1F, 0x8B];
    }

    private void Skip(int line)
    {
        SkippedLines++;
        if (_skippedLines.Count < RememberedLines)
            _skippedLines.Add(line);
    }

    private bool TryAdd(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            return false;

        CorpusLine fields;
        try
        {
            fields = CorpusLine.Parse(line);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        if (fields.Id is not { Length: > 0 and <= 20 } id || !id.All(char.IsAsciiLetterOrDigit))
            return false;

        if (fields.Subreddit is not { } subreddit || !Subreddit.IsValidName(subreddit) || fields.Title.Length == 0)
            return false;

        if (!_byId.TryAdd(id, _posts.Count))
        {
            RepeatedIds++;
            return true;
        }

        byte[] text = [.. line.Slice(fields.Title.Start, fields.Title.Length), .. SelfText(line, fields)];
        _posts.Add(new CorpusPost(id, IndexOf(subreddit), Author(fields.Author), text, fields.Title.Length)
        {
            Score = fields.Score,
            Comments = fields.Comments,
            Ratio = fields.Ratio,
            Over18 = fields.Over18,
            Permalink = fields.Permalink,
            Url = fields.Url,
        });
        return true;
    }

    private static ReadOnlySpan<byte> SelfText(ReadOnlySpan<byte> line, CorpusLine fields) =>
        fields.SelfText.Length == 0 ? "\"\""u8 : line.Slice(fields.SelfText.Start, fields.SelfText.Length);

    private int IndexOf(string subreddit)
    {
        if (_subredditByName.TryGetValue(subreddit, out var index))
            return index;

        index = _subreddits.Count;
        _subreddits.Add(subreddit);
        _subredditByName.Add(subreddit, index);
        return index;
    }

    private string Author(string? name)
    {
        name ??= "[deleted]";
        if (_authors.TryGetValue(name, out var known))
            return known;

        _authors.Add(name);
        return name;
    }
}
