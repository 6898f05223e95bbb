using System.Globalization;

namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// Every word that the rules know: the rated words of the lexicon, degree adverbs, negations and the members of idioms. One lookup a
/// word answers all the questions the rules ask of it.
/// </summary>
internal static class VaderVocabulary
{
    public const double BoostIncrement = 0.293;

    public static WordTable<VaderWord> Load()
    {
        var words = new Dictionary<string, VaderWord>(capacity: 8_192, StringComparer.Ordinal);
        foreach (var line in EmbeddedText.ReadLines(typeof(VaderVocabulary), "lexicon.tsv"))
        {
            var tab = line.IndexOf('\t');
            var valence = double.Parse(line.AsSpan(tab + 1), CultureInfo.InvariantCulture);
            words[line[..tab]] = new VaderWord { IsRated = true, Valence = valence };
        }

        foreach (var word in Intensifiers)
            words[word] = words.GetValueOrDefault(word) with { IsBooster = true, Boost = BoostIncrement };
        foreach (var word in Dampeners)
            words[word] = words.GetValueOrDefault(word) with { IsBooster = true, Boost = -BoostIncrement };
        foreach (var word in Negations)
            words[word] = words.GetValueOrDefault(word) with { IsNegation = true };
        var terms = Enum.GetNames<VaderTerm>();
        for (var i = 1; i < terms.Length; i++)
        {
            var word = terms[i].ToLowerInvariant();
            words[word] = words.GetValueOrDefault(word) with { Term = (VaderTerm)i };
        }

        return new WordTable<VaderWord>(words);
    }

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
