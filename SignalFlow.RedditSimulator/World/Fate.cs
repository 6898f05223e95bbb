namespace SignalFlow.RedditSimulator.World;

/// <summary>What becomes of a post.</summary>
/// <param name="Category">Reddit's <c>removed_by_category</c>: moderator, deleted (by its author), reddit; null for a post that stays.</param>
/// <param name="Age">Age at which it goes.</param>
/// <param name="Vanishes">Not even look-ups by id show it any more.</param>
internal readonly record struct Fate(string? Category, TimeSpan Age, bool Vanishes = false)
{
    public static Fate Stays => new(null, TimeSpan.Zero);

    public TimeSpan GoneAt(TimeSpan created) => Category is null ? TimeSpan.MaxValue : created + Age;
}
