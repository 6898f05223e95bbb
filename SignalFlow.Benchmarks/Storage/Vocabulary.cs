namespace SignalFlow.Benchmarks.Storage;

/// <summary>Made-up words, the same in every run; none is a prefix or an English inflection of another.</summary>
internal static class Vocabulary
{
    private static readonly string[] Syllables =
        [.. from consonant in "bdfgklmnprtvz" from vowel in "aeiou" select $"{consonant}{vowel}"];

    // The last letter keeps the stemmer away.
    private static readonly string[] Endings = ["k", "m", "x", "z"];

    /// <summary>Nine of them in every title, so that each is in about 9 % of all.</summary>
    public static string[] Common { get; } = Words(100, syllables: 2, first: 0);

    /// <summary>One in every title.</summary>
    public static string[] Middling { get; } = Words(500, syllables: 2, first: 1_000);

    /// <summary>One in every title; with a million posts each is in 200.</summary>
    public static string[] Rare { get; } = Words(5_000, syllables: 3, first: 0);

    /// <summary>In bodies only.</summary>
    public static string[] OfBodies { get; } = Words(3_000, syllables: 3, first: 100_000);

    private static string[] Words(int count, int syllables, int first)
    {
        var words = new string[count];
        for (var number = 0; number < count; number++)
        {
            var rest = first + number;
            var word = "";
            for (var syllable = 0; syllable < syllables; syllable++)
            {
                word += Syllables[rest % Syllables.Length];
                rest /= Syllables.Length;
            }

            words[number] = word + Endings[rest % Endings.Length];
        }

        return words;
    }
}
