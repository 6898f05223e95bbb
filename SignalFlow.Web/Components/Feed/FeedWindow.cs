using System.Collections.Immutable;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>
/// The rows that one viewer sees: the newest matching posts, at most <see cref="Capacity"/>. While it is held, rows keep their
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

    /// <summary>More posts match than are shown.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Shows the newest posts. Returns how many rows were not there before.</summary>
    public int Show(ImmutableArray<PostView> newestFirst, FeedFilter filter)
    {
        var added = 0;
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
            if (!_places.ContainsKey(post.Id))
                added++;
        }

        Place(rows);
        Waiting = 0;
        return added;
    }

    /// <summary>Brings the shown rows up to date in their places. Only what is purged leaves.</summary>
    public void Hold(ImmutableArray<PostView> newestFirst, ImmutableHashSet<string> purged, FeedFilter filter)
    {
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

        Waiting = waiting;
    }

    private void Place(List<PostView> rows)
    {
        _rows = rows;
        _places.Clear();
        for (var place = 0; place < rows.Count; place++)
            _places[rows[place].Id] = place;
    }
}
