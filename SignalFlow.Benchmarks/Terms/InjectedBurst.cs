using SignalFlow.Contracts;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>A term that is used more for two hours.</summary>
/// <param name="Factor">How many times its usual number of authors it has.</param>
/// <param name="Usual">Authors per bucket, at the mean volume.</param>
/// <param name="First">Bucket.</param>
/// <param name="Titles">Recorded posts that have the term.</param>
internal sealed record InjectedBurst(string Term, int Factor, double Usual, int First, List<PostObservation> Titles)
{
    public const int Buckets = 8;

    /// <summary>The first bucket, from 0, in which it was found.</summary>
    public int? FoundAfter { get; set; }

    public bool Covers(int bucket) => bucket >= First && bucket < First + Buckets;

    public bool Is(TermBurst found) => $" {found.Term} ".Contains($" {Term} ", StringComparison.Ordinal);

    public double ExtraIn(int bucket) => (Factor - 1) * Usual * TitleWorld.Profile(TitleWorld.BucketAt(bucket));
}
