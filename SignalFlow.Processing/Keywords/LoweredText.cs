using System.Buffers;
using System.Text;

namespace SignalFlow.Processing.Keywords;

/// <summary>What <see cref="KeywordTokenizer"/> reads: a text and its small letters, character for character.</summary>
internal static class LoweredText
{
    /// <summary>Makes the text's small letters, and typographic apostrophes and hyphens in both to plain ones.</summary>
    public static void Write(Span<char> text, Span<char> lowered)
    {
        // Nearly all text is ASCII, and only for that lower-casing is vectorized.
        if (Ascii.ToLower(text, lowered, out var start) == OperationStatus.Done)
            return;

        for (var i = start; i < text.Length; i++)
        {
            text[i] = text[i] switch
            {
                '\u2019' or '\u2018' or '\u02BC' or '\uFF07' => '\'',
                '\u2010' or '\u2011' => '-',
                var c => c,
            };
        }

        text[start..].ToLowerInvariant(lowered[start..]);
        // No culture-independent rule has a small letter for it, which other than "i" would be two characters.
        lowered[start..text.Length].Replace('\u0130', 'i');
    }
}
