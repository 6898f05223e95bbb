namespace SignalFlow.Processing.Terms;

/// <summary>A term's place among those that burst lately.</summary>
/// <param name="Score">The highest score of its bursts, each halved every four hours since its bucket.</param>
/// <param name="Since">Its first burst of those given.</param>
/// <param name="Burst">The one that gave the score.</param>
internal sealed record RankedTerm(string Term, double Score, DateTimeOffset Since, TermBurst Burst);

/// <summary>Ranks bursts as Mastodon's trending tags are (app/models/trends/tags.rb): (o - e)² / e with a half-life of four hours, for two days.</summary>
internal static class TermRanking
{
    public static readonly TimeSpan HalfLife = TimeSpan.FromHours(4);
    public static readonly TimeSpan Memory = TimeSpan.FromDays(2);

    /// <param name="bursts">In any order; what lies outside the two days before <paramref name="now"/> is left out.</param>
    public static List<RankedTerm> At(DateTimeOffset now, IEnumerable<TermBurst> bursts)
    {
        var ranked = new Dictionary<string, RankedTerm>(StringComparer.Ordinal);
        foreach (var burst in bursts)
        {
            var age = now - burst.Bucket;
            if (age < TimeSpan.Zero || age > Memory)
                continue;
            var score = burst.Score * Math.Pow(0.5, age / HalfLife);
            var known = ranked.GetValueOrDefault(burst.Term);
            var since = known is null || burst.Bucket < known.Since ? burst.Bucket : known.Since;
            var isBest = known is null || score > known.Score || (score == known.Score && burst.Bucket < known.Burst.Bucket);
            ranked[burst.Term] = isBest ? new RankedTerm(burst.Term, score, since, burst) : known! with { Since = since };
        }

        var terms = ranked.Values.ToList();
        terms.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : string.CompareOrdinal(a.Term, b.Term));
        return terms;
    }
}
