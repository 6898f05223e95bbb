using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>A series through the fold: the signal at every observation, and where each post emerged.</summary>
internal sealed class FoldedSeries
{
    private readonly Dictionary<SeriesPost, (double[] Surge, int Alert, int Trend)> _posts;

    private FoldedSeries(Dictionary<SeriesPost, (double[] Surge, int Alert, int Trend)> posts) => _posts = posts;

    public static FoldedSeries Run(PostSeries series, BaselineHistory baselines, SurgeRules rules)
    {
        var posts = new Dictionary<SeriesPost, (double[] Surge, int Alert, int Trend)>(series.Posts.Length);
        foreach (var post in series.Posts)
        {
            var surge = new double[post.Observations.Length];
            var (alert, trend) = (-1, -1);
            SurgeState state = default;
            for (var i = 0; i < surge.Length; i++)
            {
                var step = Step(state, post, i, baselines, rules);
                surge[i] = step.Signal.Surge;
                if (step.State.EmergedAt != 0 && state.EmergedAt == 0)
                    alert = i;
                if (step.State.TrendedAt != 0 && state.TrendedAt == 0)
                    trend = i;
                state = step.State;
            }

            posts.Add(post, (surge, alert, trend));
        }

        return new(posts);
    }

    public static SurgeStep Step(in SurgeState state, SeriesPost post, int index, BaselineHistory baselines, SurgeRules rules)
    {
        var observation = post.Observations[index];
        return SurgeFold.Next(state, observation, post.CreatedAt, baselines.At(observation.At).Of(post.Subreddit), rules);
    }

    public double[] Surge(SeriesPost post) => _posts[post].Surge;

    /// <summary>Index of the observation at which the post emerged; -1: it did not.</summary>
    public int Alert(SeriesPost post) => _posts[post].Alert;

    /// <summary>Index of the observation at which the post was trending; -1: it was not.</summary>
    public int Trend(SeriesPost post) => _posts[post].Trend;
}
