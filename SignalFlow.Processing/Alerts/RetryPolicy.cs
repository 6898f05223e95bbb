namespace SignalFlow.Processing.Alerts;

/// <summary>When a message that could not be delivered is tried again.</summary>
internal static class RetryPolicy
{
    public const int MostAttempts = 5;

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10)];
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <param name="attempt">That has failed, from 1.</param>
    /// <param name="retryAfter">What the receiver asks for; never less than that, up to an hour.</param>
    /// <param name="random">
    /// 0 to 1. Of the pause three quarters are certain, a quarter and up to another are drawn, so that what failed together does not come back
    /// together.
    /// </param>
    /// <returns>Null: it is given up.</returns>
    public static TimeSpan? PauseAfter(int attempt, TimeSpan? retryAfter, double random)
    {
        if (attempt >= MostAttempts)
            return null;
        var pause = Pauses[Math.Max(attempt, 1) - 1] * (0.75 + 0.5 * random);
        return retryAfter is { } asked && asked > pause ? (asked < LongestPause ? asked : LongestPause) : pause;
    }

    /// <summary>Whether another attempt may go better: not where the receiver has understood and refused.</summary>
    public static bool IsWorthRetrying(int status) => status is 408 or 409 or 425 or 429 or >= 500;
}
