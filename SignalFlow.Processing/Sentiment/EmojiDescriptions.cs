using System.Buffers;
using System.Globalization;
using System.Text;

namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// Replaces emoji by their descriptions, so that the words of a description are scored like any other. Only single code points are
/// known: the reference looks at one at a time, so it never matches a sequence, and neither do we.
/// </summary>
internal sealed class EmojiDescriptions
{
    private readonly Dictionary<int, string> _descriptions;

    private EmojiDescriptions(Dictionary<int, string> descriptions) => _descriptions = descriptions;

    public static EmojiDescriptions Load()
    {
        var descriptions = new Dictionary<int, string>(capacity: 1_500);
        foreach (var line in EmbeddedText.ReadLines(typeof(EmojiDescriptions), "emoji.tsv"))
        {
            var tab = line.IndexOf('\t');
            descriptions.Add(int.Parse(line.AsSpan(0, tab), NumberStyles.HexNumber, CultureInfo.InvariantCulture), line[(tab + 1)..]);
        }

        return new EmojiDescriptions(descriptions);
    }

    /// <summary>An upper bound of the length of <paramref name="text"/> after <see cref="Expand"/>, or 0 where it has no emoji.</summary>
    public int MeasureExpanded(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        var found = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (TryDescribe(text, i, out var description, out _))
            {
                found = true;
                length = checked(length + description.Length);
            }
        }

        return found ? length : 0;
    }

    /// <summary>
    /// Writes the text with its emoji described. A space goes before a description unless U+0020 or nothing is there, and none after
    /// it: that is the reference's way, and it decides which words come to stand alone.
    /// </summary>
    public int Expand(ReadOnlySpan<char> text, Span<char> destination)
    {
        var written = 0;
        var afterSpace = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (TryDescribe(text, i, out var description, out var length))
            {
                if (!afterSpace)
                    destination[written++] = ' ';
                description.CopyTo(destination[written..]);
                written += description.Length;
                afterSpace = false;
                i += length - 1;
            }
            else
            {
                destination[written++] = text[i];
                afterSpace = text[i] == ' ';
            }
        }

        return written;
    }

    private bool TryDescribe(ReadOnlySpan<char> text, int index, out string description, out int length)
    {
        if (!char.IsAscii(text[index]) && !char.IsLowSurrogate(text[index])
            && Rune.DecodeFromUtf16(text[index..], out var rune, out length) == OperationStatus.Done)
        {
            return _descriptions.TryGetValue(rune.Value, out description!);
        }

        description = "";
        length = 1;
        return false;
    }
}
