using System.Globalization;
using System.Text;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>
/// What was answered of which post, for whoever compares it with what has become of it: a line for each post of an answer, <c>SECONDS ID SCORE
/// COMMENTS</c>, before the answer leaves. A process that is killed leaves whole lines.
/// </summary>
internal sealed class ServedLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly FileStream? _file;

    public ServedLog(SimulatorOptions options, TimeProvider time)
    {
        _time = time;
        if (options.ServedPath is { } path)
            _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    public void Write(IReadOnlyList<PostSnapshot> posts)
    {
        if (_file is null || posts.Count == 0)
            return;
        var seconds = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;
        var lines = new StringBuilder();
        foreach (var post in posts)
            lines.Append(CultureInfo.InvariantCulture, $"{seconds:F3} {post.Id} {post.Score} {post.Comments}\n");
        lock (_lock)
            _file.Write(Encoding.ASCII.GetBytes(lines.ToString()));
    }

    public void Dispose() => _file?.Dispose();
}
