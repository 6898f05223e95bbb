using System.Text.RegularExpressions;

namespace SignalFlow.Web.Components.Search;

/// <summary>A part of a text, and whether the search found it.</summary>
public readonly record struct TextPart(string Text, bool IsMatch);

/// <summary>
/// Marks what a search was about. The database compares stems; here words are compared without their commonest English endings, which shows the same words
/// but for irregular forms.
/// </summary>
public sealed partial class Highlighter
{
    private readonly HashSet<string> _stems = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="query">In the syntax of the API's <c>q</c>: what is excluded by a minus is not marked.</param>
    /// <param name="keywords">Also marked.</param>
    public Highlighter(string query, string keywords)
    {
        foreach (Match term in Terms().Matches(query))
        {
            if (term.Value.StartsWith('-'))
                continue;
            foreach (Match word in Words().Matches(term.Value))
            {
                if (!word.Value.Equals("or", StringComparison.OrdinalIgnoreCase))
                    _stems.Add(Stem(word.Value));
            }
        }

        foreach (Match word in Words().Matches(keywords))
            _stems.Add(Stem(word.Value));
    }

    public IReadOnlyList<TextPart> Mark(string text)
    {
        var parts = new List<TextPart>();
        var end = 0;
        foreach (Match word in Words().Matches(text))
        {
            if (!_stems.Contains(Stem(word.Value)))
                continue;
            if (word.Index > end)
                parts.Add(new(text[end..word.Index], false));
            parts.Add(new(word.Value, true));
            end = word.Index + word.Length;
        }

        if (end < text.Length)
            parts.Add(new(text[end..], false));
        return parts;
    }

    private static string Stem(string word)
    {
        foreach (var ending in (ReadOnlySpan<string>)["ing", "ies", "ed", "es", "s", "y"])
        {
            // Of a short word nothing would be left that tells it from others.
            if (word.Length - ending.Length >= 3 && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return word[..^ending.Length];
        }

        return word.EndsWith('e') && word.Length > 3 ? word[..^1] : word;
    }

    [GeneratedRegex("""-?"[^"]*"?|\S+""")]
    private static partial Regex Terms();

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Words();
}
