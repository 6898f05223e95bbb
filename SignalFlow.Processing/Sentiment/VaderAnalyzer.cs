using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// Sentiment of short social-media texts by VADER (Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
/// of Social Media Text", ICWSM 2014). The scores are those of the authors' reference implementation (vaderSentiment 3.3.2) to the
/// last digit, its slips included, so they can be compared with published work and with data scored by it. Takes any string; safe
/// for concurrent use.
/// </summary>
internal sealed class VaderAnalyzer
{
    private const int StackLength = 512;
    private const double NormalizationAlpha = 15;

    private readonly WordTable<VaderWord> _vocabulary = VaderVocabulary.Load();
    private readonly EmojiDescriptions _emoji = EmojiDescriptions.Load();

    public SentimentScores Score(string text)
    {
        var expandedLength = Ascii.IsValid(text) ? 0 : _emoji.MeasureExpanded(text);
        if (expandedLength == 0)
            return ScoreDescribed(text);

        var expanded = ArrayPool<char>.Shared.Rent(expandedLength);
        try
        {
            return ScoreDescribed(expanded.AsSpan(0, _emoji.Expand(text, expanded)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(expanded);
        }
    }

    private SentimentScores ScoreDescribed(ReadOnlySpan<char> text)
    {
        if (text.Length <= StackLength)
        {
            // Words are at least one character and one white space apart.
            return Score(text, stackalloc char[text.Length], stackalloc VaderWord[text.Length / 2 + 1], stackalloc double[text.Length / 2 + 1]);
        }

        var lowered = ArrayPool<char>.Shared.Rent(text.Length);
        var words = ArrayPool<VaderWord>.Shared.Rent(text.Length / 2 + 1);
        var valences = ArrayPool<double>.Shared.Rent(text.Length / 2 + 1);
        try
        {
            return Score(text, lowered.AsSpan(0, text.Length), words, valences);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(lowered);
            ArrayPool<VaderWord>.Shared.Return(words);
            ArrayPool<double>.Shared.Return(valences);
        }
    }

    private SentimentScores Score(ReadOnlySpan<char> text, Span<char> lowered, Span<VaderWord> wordBuffer, Span<double> valenceBuffer)
    {
        PythonText.ToLower(text, lowered);
        var count = Split(text, lowered, wordBuffer, out var rated, out var upper);
        if (count == 0)
            return default;
        if (rated == 0)
            return new SentimentScores(0, 1, 0, 0);

        var words = wordBuffer[..count];
        var valences = valenceBuffer[..count];
        var mixesCapitals = upper > 0 && upper < count;
        for (var i = 0; i < count; i++)
            valences[i] = ValenceRules.Valence(words, i, mixesCapitals);

        WeighAroundBut(words, valences);
        return Summarize(valences, PunctuationEmphasis(text));
    }

    private int Split(ReadOnlySpan<char> text, ReadOnlySpan<char> lowered, Span<VaderWord> words, out int rated, out int upper)
    {
        var mayContract = text.Contains('\'');
        var count = 0;
        rated = 0;
        upper = 0;
        for (var start = 0; start < text.Length; start++)
        {
            if (PythonText.IsWhiteSpace(text[start]))
                continue;

            var end = start + 1;
            while (end < text.Length && !PythonText.IsWhiteSpace(text[end]))
                end++;

            var (wordStart, wordEnd) = TrimPunctuation(text, start, end);
            var word = _vocabulary.Find(lowered[wordStart..wordEnd]);
            if (PythonText.IsUpper(text[wordStart..wordEnd]))
            {
                word = word with { IsUpper = true };
                upper++;
            }

            if (mayContract && lowered[wordStart..wordEnd].Contains("n't", StringComparison.Ordinal))
                word = word with { IsNegation = true };

            rated += word.IsRated ? 1 : 0;
            words[count++] = word;
            start = end;
        }

        return count;
    }

    /// <summary>Drops ASCII punctuation at both ends, unless two characters or fewer would be left: such a token is taken for an emoticon.</summary>
    private static (int Start, int End) TrimPunctuation(ReadOnlySpan<char> text, int start, int end)
    {
        var first = start;
        var last = end;
        while (first < last && IsPunctuation(text[first]))
            first++;
        while (last > first && IsPunctuation(text[last - 1]))
            last--;

        return last - first <= 4 && CodePoints(text[first..last]) <= 2 ? (start, end) : (first, last);
    }

    private static bool IsPunctuation(char c) => c is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');

    private static int CodePoints(ReadOnlySpan<char> token)
    {
        var count = token.Length;
        for (var i = 1; i < token.Length; i++)
        {
            if (char.IsSurrogatePair(token[i - 1], token[i]))
                count--;
        }

        return count;
    }

    /// <summary>
    /// "but" halves what stands before it and raises by half what stands after it. The reference finds each word by the first equal
    /// valence, which, where valences repeat or become equal on the way, is a word already weighed: so do we.
    /// </summary>
    private static void WeighAroundBut(ReadOnlySpan<VaderWord> words, Span<double> valences)
    {
        var but = 0;
        while (but < words.Length && words[but].Term != VaderTerm.But)
            but++;
        if (but == words.Length)
            return;

        // Bit patterns compare as the values do, zeros apart, and a search of integers is vectorized. It stays quadratic, and is
        // noticed only in texts far above the 40,000 characters of a post.
        var bits = MemoryMarshal.Cast<double, long>(valences);
        for (var i = 0; i < valences.Length; i++)
        {
            if (valences[i] == 0)
                continue;

            var weighed = bits.IndexOf(bits[i]);
            if (weighed < but)
                valences[weighed] *= 0.5;
            else if (weighed > but)
                valences[weighed] *= 1.5;
        }
    }

    private static double PunctuationEmphasis(ReadOnlySpan<char> text)
    {
        var exclamations = Math.Min(text.Count('!'), 4) * 0.292;
        var questions = text.Count('?') switch
        {
            <= 1 => 0,
            <= 3 and var count => count * 0.18,
            _ => 0.96,
        };
        return exclamations + questions;
    }

    private static SentimentScores Summarize(ReadOnlySpan<double> valences, double emphasis)
    {
        var sum = 0.0;
        var positive = 0.0;
        var negative = 0.0;
        var neutral = 0;
        foreach (var valence in valences)
        {
            sum += valence;
            if (valence > 0)
                positive += valence + 1;
            else if (valence < 0)
                negative -= valence - 1;
            else
                neutral++;
        }

        sum += sum > 0 ? emphasis : sum < 0 ? -emphasis : 0;
        if (positive > negative)
            positive += emphasis;
        else if (positive < negative)
            negative += emphasis;

        var total = positive + negative + neutral;
        var compound = Math.Clamp(sum / Math.Sqrt(sum * sum + NormalizationAlpha), -1, 1);
        return new SentimentScores(
            ExactRounding.Round(negative / total, 1_000),
            ExactRounding.Round(neutral / total, 1_000),
            ExactRounding.Round(positive / total, 1_000),
            ExactRounding.Round(compound, 10_000));
    }
}
