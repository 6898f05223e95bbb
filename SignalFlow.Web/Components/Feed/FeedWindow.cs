using System.Collections.Immutable;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>
/// The rows that one viewer sees: the first matching posts of an order, at most <see cref="Capacity"/>. While it is held, rows keep their
/// places and only change their figures; what would have come in is counted.
/// </summary>
internal sealed class FeedWindow
{
    public const int Capacity = 500;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private List<PostView> _rows = [];

    public List<PostView> Rows => _rows;

    /// <summary>Posts that a held window keeps back.</summary>
    public int Waiting { get; private set; }

    /// <summary>Whoever looked may not look any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>More posts match than are shown.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Shows the first posts of the filter's order. Returns how many rows were not there before.</summary>
    public int Show(ImmutableArray<PostView> newestFirst, FeedFilter filter, DateTimeOffset now)
    {
        if (IsEnded)
            return 0;
        var rows = filter.Sort == FeedSort.New ? Newest(newestFirst, filter) : Highest(newestFirst, filter, now);
        var added = rows.Count(row => !_places.ContainsKey(row.Id));
        Place(rows);
        Waiting = 0;
        return added;
    }

    /// <summary>Shows nothing, from now on.</summary>
    public void End()
    {
        IsEnded = true;
        Place([]);
        Waiting = 0;
    }

    /// <summary>Brings the shown rows up to date in their places. Only what is purged leaves.</summary>
    public void Hold(ImmutableArray<PostView> newestFirst, ImmutableHashSet<string> purged, FeedFilter filter)
    {
        if (IsEnded)
            return;
        if (!purged.IsEmpty && _rows.Exists(row => purged.Contains(row.Id)))
            Place(_rows.FindAll(row => !purged.Contains(row.Id)));

        var waiting = 0;
        var matching = 0;
        foreach (var post in newestFirst)
        {
            if (_places.TryGetValue(post.Id, out var place))
            {
                _rows[place] = post;
                matching++;
            }
            else if (matching < Capacity && filter.Matches(post))
            {
                waiting++;
                matching++;
            }
        }

        // In another order than the newest first, a full window says little about what it has not.
        Waiting = filter.Sort == FeedSort.New || !Truncated ? waiting : 0;
    }

    private List<PostView> Newest(ImmutableArray<PostView> newestFirst, FeedFilter filter)
    {
        var rows = new List<PostView>(Math.Min(newestFirst.Length, Capacity));
        Truncated = false;
        foreach (var post in newestFirst)
        {
            if (!filter.Matches(post))
                continue;
            if (rows.Count == Capacity)
            {
                Truncated = true;
                break;
            }

            rows.Add(post);
        }

        return rows;
    }

    private List<PostView> Highest(ImmutableArray<PostView> posts, FeedFilter filter, DateTimeOffset now)
    {
        var matching = new List<(double Value, PostView Post)>();
        foreach (var post in posts)
        {
            if (filter.Matches(post))
                matching.Add((FeedSort.Value(post, filter.Sort, now), post));
        }

        matching.Sort((left, right) =>
        {
            var byValue = right.Value.CompareTo(left.Value);
            return byValue != 0 ? byValue : string.CompareOrdinal(right.Post.Id, left.Post.Id);
        });
        Truncated = matching.Count > Capacity;
        return matching.Take(Capacity).Select(match => match.Post).ToList();
    }

    private void Place(List<PostView> rows)
    {
        _rows = rows;
        _places.Clear();
        for (var place = 0; place < rows.Count; place++)
            _places[rows[place].Id] = place;
    }
}
