namespace SignalFlow.Processing.Surge;

/// <summary>What one look at a post tells of its success.</summary>
/// <param name="At">When, microseconds since the Unix epoch: PostgreSQL's resolution.</param>
/// <param name="Score">Points as shown; Reddit fuzzes them.</param>
/// <param name="Comments">Number of comments.</param>
/// <param name="UpvoteRatio">0 to 1; NaN where the source does not tell.</param>
/// <param name="IsRemoved">Reddit no longer shows the post.</param>
internal readonly record struct SurgeObservation(long At, int Score, int Comments, float UpvoteRatio = float.NaN, bool IsRemoved = false);
