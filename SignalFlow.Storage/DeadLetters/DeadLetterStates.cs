namespace SignalFlow.Storage.DeadLetters;

/// <summary>What has become of a dead letter: the column <c>state</c>.</summary>
public static class DeadLetterStates
{
    public const string New = "new";
    public const string Replaying = "replaying";
    public const string Resolved = "resolved";
    public const string FailedAgain = "failed_again";
    public const string Discarded = "discarded";

    /// <summary>So many replays have failed that the next one needs somebody who insists.</summary>
    public const string Parked = "parked";

    /// <summary>Replays that fail before a letter is parked.</summary>
    public const int MostFailedReplays = 3;

    public static IReadOnlyList<string> All { get; } = [New, Replaying, Resolved, FailedAgain, Discarded, Parked];

    /// <summary>Somebody has still to do something about these.</summary>
    public static IReadOnlyList<string> Open { get; } = [New, Replaying, FailedAgain, Parked];
}
