namespace SignalFlow.Contracts;

/// <summary>A word or phrase that more people used in 15 minutes than was to be expected.</summary>
/// <param name="Term">In lower case.</param>
/// <param name="Bucket">Its beginning.</param>
/// <param name="Authors">Distinct authors.</param>
/// <param name="Posts">Posts with it.</param>
/// <param name="Subreddits">In how many.</param>
/// <param name="Expected">Authors that were to be expected.</param>
/// <param name="Baseline">What it was compared with, in words.</param>
public sealed record TermBurstView(string Term, DateTimeOffset Bucket, int Authors, int Posts, int Subreddits, double Expected, string Baseline);
