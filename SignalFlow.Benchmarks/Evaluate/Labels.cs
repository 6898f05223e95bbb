using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// What the posts of a series were to be found. A: the post ends in the top tenth of its community's posts in the series. B: it ends with 500 points
/// or more, whatever its community.
/// </summary>
internal sealed class Labels
{
    /// <summary>Of fewer posts there is no top tenth to speak of.</summary>
    private const int LeastPosts = 20;

    private const int ManyPoints = 500;

    private readonly PostSeries _series;
    private readonly Dictionary<string, double> _bars;

    public Labels(PostSeries series)
    {
        _series = series;
        _bars = series.Posts.Where(series.IsComplete)
            .GroupBy(post => post.Subreddit, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() >= LeastPosts)
            .ToDictionary(
                group => group.Key,
                group => BaselineBuilder.Quantile([.. group.Select(post => (double)post.Final).Order()], 0.9),
                StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Null: not known.</summary>
    public bool? IsTopTenth(SeriesPost post) =>
        _series.IsComplete(post) && _bars.TryGetValue(post.Subreddit, out var bar) ? post.Final >= bar : null;

    /// <summary>Null: not known.</summary>
    public bool? HasManyPoints(SeriesPost post) => _series.IsComplete(post) ? post.Final >= ManyPoints : null;
}
