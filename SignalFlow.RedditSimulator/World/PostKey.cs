namespace SignalFlow.RedditSimulator.World;

/// <summary>A post of the world, before any of its content is made.</summary>
/// <param name="Subreddit">Where it was posted.</param>
/// <param name="Index">Its number: in the subreddit's stream, or in the corpus.</param>
/// <param name="Created">Simulated instant of creation.</param>
/// <param name="Visible">Simulated instant from which listings show it; later than <paramref name="Created"/> when a moderator had to approve it.</param>
internal readonly record struct PostKey(Subreddit Subreddit, long Index, TimeSpan Created, TimeSpan Visible);

/// <summary>The order of /new: by approval, not by creation (real listings show old posts above younger ones); total, so pages never overlap.</summary>
internal sealed class NewestFirstOrder : IComparer<PostKey>
{
    public static readonly NewestFirstOrder Instance = new();

    public int Compare(PostKey x, PostKey y)
    {
        var byTime = y.Visible.CompareTo(x.Visible);
        if (byTime != 0)
            return byTime;

        var byIndex = y.Index.CompareTo(x.Index);
        return byIndex != 0 ? byIndex : string.CompareOrdinal(x.Subreddit.Name, y.Subreddit.Name);
    }
}
