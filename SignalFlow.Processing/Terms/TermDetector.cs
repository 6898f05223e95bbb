using SignalFlow.Processing.Statistics;

namespace SignalFlow.Processing.Terms;

/// <summary>
/// Says which terms of a bucket burst: at least five authors, three posts and two subreddits (one will do where even the Bonferroni bound of one in
/// ten thousand is kept), and significant among all terms of the bucket with a false discovery rate of 5 %. A word that only occurs within a longer
/// term that bursts as well is left to that term.
/// </summary>
internal static class TermDetector
{
    public const double FalseDiscoveryRate = 0.05;
    public const int LeastAuthors = 5;
    public const int LeastPosts = 3;
    public const int LeastSubreddits = 2;

    private const double OneSubredditLevel = 1e-4;

    /// <summary>Of a word's authors, the share that uses it within the longer term.</summary>
    private const double Absorbed = 0.8;

    /// <param name="dispersion">By the number of words, less one.</param>
    /// <returns>The highest score first.</returns>
    public static List<TermBurst> Find(TermCounts counts, TermBaseline baseline, ReadOnlySpan<double> dispersion)
    {
        if (baseline.Kind == TermBaselineKind.None)
            return [];

        var candidates = new List<TermBurst>();
        foreach (var term in counts.Terms)
        {
            if (term.Authors < LeastAuthors || term.Posts < LeastPosts)
                continue;
            var expected = baseline.Of(term.Term, counts.Volume);
            if (term.Authors <= expected.Authors)
                continue;
            var p = NegativeBinomial.UpperTail(term.Authors, expected.Authors, dispersion[term.Words - 1] + expected.Uncertainty);
            candidates.Add(new(
                counts.Bucket, term.Term, term.Authors, term.Posts, term.Subreddits, expected.Authors, p, baseline.Kind));
        }

        // Terms with fewer authors were looked at too, so they count as tests.
        var threshold = FalseDiscovery.Threshold(candidates.Select(term => term.PValue).ToArray(), counts.Terms.Count, FalseDiscoveryRate);
        var found = candidates.Where(term => term.PValue <= threshold
            && (term.Subreddits >= LeastSubreddits || term.PValue * counts.Terms.Count <= OneSubredditLevel)).ToList();
        var bursts = found.Where(term => !found.Exists(other => Absorbs(other, term))).ToList();
        bursts.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : string.CompareOrdinal(a.Term, b.Term));
        return bursts;
    }

    private static bool Absorbs(TermBurst longer, TermBurst term) =>
        longer.Term.Length > term.Term.Length
        && longer.Authors >= Absorbed * term.Authors
        && $" {longer.Term} ".Contains($" {term.Term} ", StringComparison.Ordinal);
}
