using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace SignalFlow.Benchmarks.Text;

/// <summary>Files of one JSON object a line, plain or <c>.gz</c>.</summary>
internal static class JsonLines
{
    public static async IAsyncEnumerable<string> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        await using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                yield return line;
        }
    }
}
