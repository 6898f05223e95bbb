namespace SignalFlow.Storage.DeadLetters;

/// <summary>What has become of a dead letter: the column <c>state</c>.</summary>
public static class DeadLetterStates
{
    public const string New = "new";
    public const string Replaying = "replaying";
    public const string Resolved = "resolved";
    public const string FailedAgain = "failed_again";
    public const string Discarded = "discarded";

    public static IReadOnlyList<string> All { get; } = [New, Replaying, Resolved, FailedAgain, Discarded];

    /// <summary>Somebody has still to do something about these.</summary>
    public static IReadOnlyList<string> Open { get; } = [New, Replaying, FailedAgain];
}
