using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>States of dead letters, and why some cannot be replayed, in words.</summary>
internal static class LetterWords
{
    public static readonly IReadOnlyList<(string Value, string Words)> States =
    [
        ("new", "New"), ("replaying", "Being replayed"), ("resolved", "Resolved"),
        ("failed_again", "Failed again"), ("parked", "Parked"), ("discarded", "Discarded"),
    ];

    public static string Name(string state) =>
        States.FirstOrDefault(known => known.Value == state).Words ?? SubredditStatus.Name(state);

    public static string State(DeadLetterView letter) => letter.State switch
    {
        "failed_again" when letter.FailedReplays > 0 => $"Failed again, replayed {letter.FailedReplays} of 3 times",
        "parked" => $"Parked after {letter.FailedReplays} failed replays",
        "discarded" when letter.Note is { Length: > 0 } note => $"Discarded: {note}",
        _ => Name(letter.State),
    };

    public static StatusGroup Group(string state) => state switch
    {
        "replaying" => StatusGroup.Waiting,
        "resolved" => StatusGroup.Good,
        "discarded" => StatusGroup.Inactive,
        _ => StatusGroup.Trouble,
    };

    public static string Class(string state) => state switch
    {
        "resolved" => "ops-good",
        "replaying" or "discarded" => "ops-waiting",
        _ => "ops-trouble",
    };

    /// <summary>Whether it may be replayed at all; the API decides.</summary>
    public static bool CanReplay(DeadLetterView letter) =>
        letter is { State: "new" or "failed_again" or "replaying" or "parked", PurgedAt: null, IsTruncated: false };

    /// <summary>"17 discarded, 3 parked": why the API leaves some out.</summary>
    public static string Skipped(IReadOnlyDictionary<string, long> skipped) => string.Join(
        ", ", skipped.Select(reason => $"{Feed.Figures.Exact(reason.Value)} {Reason(reason.Key)}"));

    private static string Reason(string reason) => reason switch
    {
        "replaying" => "being replayed",
        "purged" => "emptied, because Reddit has removed the post",
        "truncated" => "kept in part only",
        "source_unknown" => "of an unknown topic",
        "too_large" => "too large for their topic",
        "missing" => "not there any more",
        _ => reason.Replace('_', ' '),
    };
}
