using System.Collections.Frozen;
using SignalFlow.Contracts;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>
/// Whether a post has been deleted or removed. Older answers say so in their texts only. An author <c>[deleted]</c> alone is a deleted account:
/// its posts stay on Reddit, without the name.
/// </summary>
internal static class Removal
{
    private static readonly FrozenSet<string> Placeholders =
        FrozenSet.Create(StringComparer.Ordinal, "[deleted]", "[removed]", "[deleted by user]", "[ Removed by Reddit ]", "[ Removed by reddit ]");

    /// <returns>The category, in Reddit's words where it has one; null: the post is there.</returns>
    public static string? Of(string? category, string? title, string? selftext)
    {
        if (!string.IsNullOrEmpty(category))
            return category;
        return IsPlaceholder(selftext) || IsPlaceholder(title) ? PostRemoval.Deleted : null;
    }

    private static bool IsPlaceholder(string? text) => text is ['[', ..] && Placeholders.Contains(text);
}
