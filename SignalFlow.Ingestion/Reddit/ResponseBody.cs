using System.Buffers;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>A response's body in a pooled buffer: a page of 100 posts takes up to half a megabyte, several times a second.</summary>
internal sealed class ResponseBody : IDisposable
{
    // The largest page recorded is 0.5 MB; whoever sends far more is not Reddit.
    private const int LongestBody = 16 * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _length;

    private ResponseBody()
    {
    }

    public ReadOnlySpan<byte> Utf8 => _buffer.AsSpan(0, _length);

    /// <exception cref="InvalidDataException">The body is longer than any answer of the API.</exception>
    public static async Task<ResponseBody> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = new ResponseBody();
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken) is var read and > 0)
            {
                body._length += read;
                if (body._length == body._buffer.Length)
                    body.Grow();
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        if (_length >= LongestBody)
            throw new InvalidDataException($"The answer is longer than {LongestBody} bytes.");
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Utf8.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
