using System.Collections.Frozen;
using System.Globalization;

namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// Every word that the rules know: the rated words of the lexicon, degree adverbs, negations and the members of idioms. One lookup a
/// word answers all the questions the rules ask of it.
/// </summary>
internal sealed class VaderVocabulary
{
    public const double BoostIncrement = 0.293;

    private readonly FrozenDictionary<string, VaderWord>.AlternateLookup<ReadOnlySpan<char>> _words;
    private readonly int _longest;

    private VaderVocabulary(FrozenDictionary<string, VaderWord> words)
    {
        _words = words.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = words.Keys.Max(word => word.Length);
    }

    public static VaderVocabulary Load()
    {
        var words = new Dictionary<string, VaderWord>(capacity: 8_192, StringComparer.Ordinal);
        var resource = EmbeddedText.Read(typeof(VaderVocabulary), "lexicon.tsv");
        foreach (var line in resource.AsSpan().EnumerateLines())
        {
            var tab = line.IndexOf('\t');
            if (tab > 0)
                words[line[..tab].ToString()] = new VaderWord { IsRated = true, Valence = double.Parse(line[(tab + 1)..], CultureInfo.InvariantCulture) };
        }

        foreach (var word in Intensifiers)
            words[word] = words.GetValueOrDefault(word) with { IsBooster = true, Boost = BoostIncrement };
        foreach (var word in Dampeners)
            words[word] = words.GetValueOrDefault(word) with { IsBooster = true, Boost = -BoostIncrement };
        foreach (var word in Negations)
            words[word] = words.GetValueOrDefault(word) with { IsNegation = true };
        foreach (var term in Enum.GetValues<VaderTerm>())
        {
            if (term != VaderTerm.None)
            {
                var word = term.ToString().ToLowerInvariant();
                words[word] = words.GetValueOrDefault(word) with { Term = term };
            }
        }

        return new VaderVocabulary(words.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <param name="lowered">A word in lower case.</param>
    public VaderWord Find(ReadOnlySpan<char> lowered) =>
        lowered.Length <= _longest && _words.TryGetValue(lowered, out var word) ? word : default;

    private static readonly string[] Intensifiers =
    [
        "absolutely", "amazingly", "awfully", "completely", "considerable", "considerably", "decidedly", "deeply", "effing", "enormous",
        "enormously", "entirely", "especially", "exceptional", "exceptionally", "extreme", "extremely", "fabulously", "flipping",
        "flippin", "frackin", "fracking", "fricking", "frickin", "frigging", "friggin", "fully", "fuckin", "fucking", "fuggin",
        "fugging", "greatly", "hella", "highly", "hugely", "incredible", "incredibly", "intensely", "major", "majorly", "more", "most",
        "particularly", "purely", "quite", "really", "remarkably", "so", "substantially", "thoroughly", "total", "totally",
        "tremendous", "tremendously", "uber", "unbelievably", "unusually", "utter", "utterly", "very",
    ];

    private static readonly string[] Dampeners =
    [
        "almost", "barely", "hardly", "kinda", "kindof", "kind-of", "less", "little", "marginal", "marginally", "occasional",
        "occasionally", "partly", "scarce", "scarcely", "slight", "slightly", "somewhat", "sorta", "sortof", "sort-of",
    ];

    // Other words negate by containing "n't"; that is asked of the text, not of the vocabulary.
    private static readonly string[] Negations =
    [
        "aint", "arent", "cannot", "cant", "couldnt", "darent", "didnt", "doesnt", "dont", "hadnt", "hasnt", "havent", "isnt",
        "mightnt", "mustnt", "neither", "neednt", "never", "none", "nope", "nor", "not", "nothing", "nowhere", "oughtnt", "shant",
        "shouldnt", "uhuh", "uh-uh", "wasnt", "werent", "without", "wont", "wouldnt", "rarely", "seldom", "despite",
    ];
}
