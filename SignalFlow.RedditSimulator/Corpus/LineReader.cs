namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>Lines of a stream as bytes: a corpus keeps its texts undecoded, which no TextReader can give.</summary>
internal sealed class LineReader(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>The next line without its line feed; it is valid until the next call.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var feed = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = _buffer.AsMemory(_start, searched + feed);
                _start += searched + feed + 1;
                return true;
            }

            searched = _end - _start;
            if (Fill())
                continue;

            line = _buffer.AsMemory(_start, searched);
            _start = _end;
            return searched > 0;
        }
    }

    private bool Fill()
    {
        var length = _end - _start;
        if (length == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);

        _buffer.AsSpan(_start, length).CopyTo(_buffer);
        (_start, _end) = (0, length);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
