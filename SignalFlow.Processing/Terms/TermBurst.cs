using System.Globalization;

namespace SignalFlow.Processing.Terms;

/// <summary>A term that significantly more authors used in a bucket than was to be expected.</summary>
/// <param name="Expected">Authors.</param>
/// <param name="PValue">Of as many authors or more, where nothing had happened.</param>
internal sealed record TermBurst(
    DateTimeOffset Bucket, string Term, int Authors, int Posts, int Subreddits, double Expected, double PValue, TermBaselineKind Baseline)
{
    /// <summary>(o - e)² / e, as Mastodon ranks its tags.</summary>
    public double Score => (Authors - Expected) * (Authors - Expected) / Expected;

    /// <summary>How many standard deviations of chance (a Poisson's) it is above what was expected.</summary>
    public double Deviations => (Authors - Expected) / Math.Sqrt(Math.Max(Expected, 1));

    /// <summary>Why it is shown: "supreme court: 14 authors in 15 min instead of 1.2, in 9 subreddits (same hour of the week)".</summary>
    public string Reason => string.Create(
        CultureInfo.InvariantCulture,
        $"{Term}: {Authors} authors in 15 min instead of {Expected:0.##}, in {Subreddits} subreddit{(Subreddits == 1 ? "" : "s")} ({TermBaseline.Describe(Baseline)})");
}
