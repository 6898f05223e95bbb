namespace SignalFlow.RedditSimulator.World;

/// <summary>Posts that were asked for at once: spread over the subreddits of the table and the hours before, approved together.</summary>
/// <param name="At">Simulated instant from which listings show them.</param>
/// <param name="Count">How many.</param>
internal sealed record PostBurst(TimeSpan At, int Count);
