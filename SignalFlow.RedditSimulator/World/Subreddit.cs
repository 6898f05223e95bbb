namespace SignalFlow.RedditSimulator.World;

/// <summary>A subreddit as answers show it.</summary>
internal class Subreddit(string name, string fullName, int subscribers)
{
    private const int LongestName = 21;

    public string Name { get; } = name;

    /// <summary>t5_…</summary>
    public string FullName { get; } = fullName;

    public int Subscribers { get; } = subscribers;

    /// <summary>Whether Reddit would accept the name, and the simulator has not reserved it for what does not exist.</summary>
    public static bool Exists(string name) =>
        IsValidName(name) && !name.StartsWith("nonexistent", StringComparison.OrdinalIgnoreCase);

    public static bool IsValidName(string name) =>
        name.Length is >= 2 and <= LongestName && name[0] != '_' && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
