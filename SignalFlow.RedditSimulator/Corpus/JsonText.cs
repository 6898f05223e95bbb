using System.Buffers;

namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>Work on JSON strings that leaves their escapes as they are.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("&<>\\"u8);

    /// <summary>
    /// Replaces &amp;, &lt; and &gt; by their HTML entities, also where they are written as escapes, as Reddit does without raw_json=1.
    /// </summary>
    /// <param name="json">A valid JSON string with its quotes.</param>
    public static ReadOnlyMemory<byte> EscapeHtml(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOfAny(Special) < 0)
            return json;

        var rest = json.Span;
        var escaped = new ArrayBufferWriter<byte>(json.Length + 32);
        while (rest.IndexOfAny(Special) is var next && next >= 0)
        {
            escaped.Write(rest[..next]);
            rest = rest[next..];
            var length = rest[0] != '\\' ? 1 : rest[1] == 'u' ? 6 : 2;
            escaped.Write(Entity(rest[..length]));
            rest = rest[length..];
        }

        escaped.Write(rest);
        return escaped.WrittenMemory;
    }

    private static ReadOnlySpan<byte> Entity(ReadOnlySpan<byte> token) => token switch
    {
        [(byte)'&'] => "&amp;"u8,
        [(byte)'<'] => "&lt;"u8,
        [(byte)'>'] => "&gt;"u8,
        [_, (byte)'u', (byte)'0', (byte)'0', (byte)'2', (byte)'6'] => "&amp;"u8,
        [_, (byte)'u', (byte)'0', (byte)'0', (byte)'3', (byte)'c' or (byte)'C'] => "&lt;"u8,
        [_, (byte)'u', (byte)'0', (byte)'0', (byte)'3', (byte)'e' or (byte)'E'] => "&gt;"u8,
        _ => token,
    };
}
