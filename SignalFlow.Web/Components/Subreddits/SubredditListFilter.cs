using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Subreddits;

/// <summary>Which subreddits to list, in which order. Lives in the address of the page.</summary>
public sealed record SubredditListFilter
{
    public static readonly IReadOnlyList<(string Key, string Name, int Hours)> Ranges = [("24h", "24 h", 24), ("48h", "48 h", 48), ("7d", "7 d", 168)];

    private static readonly string[] Sorts = ["name", "posts", "usual", "score", "sentiment", "trending", "last"];

    public string Range { get; init; } = "24h";
    public string Text { get; init; } = "";
    public string Sort { get; init; } = "posts";
    public bool Ascending { get; init; }

    public int Hours => Ranges.First(range => range.Key == Range).Hours;

    /// <summary>Reads the parts of a query; what is not understood is left out.</summary>
    public static SubredditListFilter Parse(string? range, string? text, string? sort, string? direction)
    {
        var by = Sorts.Contains(sort) ? sort! : "posts";
        return new()
        {
            Range = Ranges.Any(one => one.Key == range) ? range! : "24h",
            Text = (text ?? "").Trim(),
            Sort = by,
            Ascending = direction switch { "asc" => true, "desc" => false, _ => by == "name" },
        };
    }

    /// <summary>The same list sorted by <paramref name="sort"/>; asked for again, the other way round.</summary>
    public SubredditListFilter SortedBy(string sort) => this with { Sort = sort, Ascending = sort == Sort ? !Ascending : sort == "name" };

    public string ToUri() => ApiClient.Address(
        "/subreddits",
        ("range", Range == "24h" ? null : Range),
        ("q", Text),
        ("sort", Sort == "posts" && !Ascending ? null : Sort),
        ("dir", Ascending == (Sort == "name") ? null : Ascending ? "asc" : "desc"));

    public IReadOnlyList<SubredditOverview> Apply(IEnumerable<SubredditOverview> subreddits)
    {
        var part = Text.StartsWith("r/", StringComparison.OrdinalIgnoreCase) ? Text[2..] : Text;
        var shown = subreddits.Where(subreddit => subreddit.Subreddit.Contains(part, StringComparison.OrdinalIgnoreCase));
        // What has no value comes last, whichever way the list goes.
        var sorted = Sort switch
        {
            "name" => Ordered(shown, subreddit => subreddit.Subreddit, StringComparer.OrdinalIgnoreCase),
            "usual" => Ordered(shown.OrderBy(subreddit => AgainstUsual(subreddit) is null), AgainstUsual),
            "score" => Ordered(shown.OrderBy(subreddit => subreddit.Posts == 0), subreddit => subreddit.AvgScore),
            "sentiment" => Ordered(shown.OrderBy(subreddit => subreddit.AvgSentiment is null), subreddit => subreddit.AvgSentiment),
            "trending" => Ordered(shown, subreddit => subreddit.TrendingPosts),
            "last" => Ordered(shown.OrderBy(subreddit => subreddit.LastPostAt is null), subreddit => subreddit.LastPostAt),
            _ => Ordered(shown, subreddit => subreddit.Posts),
        };
        return [.. sorted.ThenBy(subreddit => subreddit.Subreddit, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>0.5 is half as much again as usual; null where nothing is usual.</summary>
    public static double? AgainstUsual(SubredditOverview subreddit) =>
        subreddit.UsualPosts is > 0 and var usual ? (subreddit.Posts - usual) / usual : null;

    private IOrderedEnumerable<SubredditOverview> Ordered<T>(
        IEnumerable<SubredditOverview> shown, Func<SubredditOverview, T> key, IComparer<T>? comparer = null) =>
        (shown, Ascending) switch
        {
            (IOrderedEnumerable<SubredditOverview> ordered, true) => ordered.ThenBy(key, comparer),
            (IOrderedEnumerable<SubredditOverview> ordered, false) => ordered.ThenByDescending(key, comparer),
            (_, true) => shown.OrderBy(key, comparer),
            _ => shown.OrderByDescending(key, comparer),
        };
}
