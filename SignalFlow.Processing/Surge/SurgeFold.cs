namespace SignalFlow.Processing.Surge;

/// <summary>
/// A post's signal as a fold over its observations in the order of their time: a pure function of the post, the observations and the baselines.
/// So it does not matter in which batches they come, which replica folds them, or how often they are folded.
/// </summary>
internal static class SurgeFold
{
    /// <summary>
    /// The state after one more observation, and what it says. One that is not later than the newest changes nothing; if it is earlier and new,
    /// the post has to be folded again from its history (<see cref="Fold"/>).
    /// </summary>
    /// <param name="state">Before it.</param>
    /// <param name="observation">The observation.</param>
    /// <param name="createdAt">The post's creation, microseconds since the Unix epoch.</param>
    /// <param name="baseline">Of the post's community, at the observation's cut (<see cref="BaselineCut"/>).</param>
    /// <param name="rules">Other than the product's only in the evaluation.</param>
    public static SurgeStep Next(
        in SurgeState state, in SurgeObservation observation, long createdAt, CommunityBaseline baseline, SurgeRules? rules = null)
    {
        rules ??= SurgeRules.Default;
        if (state.IsObserved && observation.At <= state.LastAt)
            return new(state, SurgeSignal.None(SurgeWindow.Minutes(observation.At - createdAt), observation.Score));
        var next = state;
        next.Push(observation);
        var signal = Measure(next, observation, createdAt, baseline, rules);
        if (signal.WindowMinutes > 0)
            next.PeakVelocity = Math.Max(next.PeakVelocity, (float)(signal.Gain / signal.WindowMinutes));
        SurgePhases.Move(ref next, observation, signal, baseline, rules);
        return new(next, signal);
    }

    /// <summary>The state and the last signal of a post after its whole history.</summary>
    /// <param name="observations">Any order; of several at one instant the first counts.</param>
    public static SurgeStep Fold(
        IReadOnlyList<SurgeObservation> observations, string subreddit, long createdAt, BaselineHistory baselines, SurgeRules? rules = null)
    {
        SurgeStep step = default;
        // A stable sort: of two of one instant the one known first stays, as in the post's own state.
        foreach (var observation in InOrder(observations))
        {
            if (!step.State.IsObserved || observation.At > step.State.LastAt)
                step = Next(step.State, observation, createdAt, baselines.At(observation.At).Of(subreddit), rules);
        }

        return step;
    }

    private static IEnumerable<SurgeObservation> InOrder(IReadOnlyList<SurgeObservation> observations)
    {
        for (var i = 1; i < observations.Count; i++)
        {
            if (observations[i].At < observations[i - 1].At)
                return observations.OrderBy(observation => observation.At);
        }

        return observations;
    }

    /// <summary>What the newest observation of a state says.</summary>
    /// <param name="state">Of at least one observation.</param>
    /// <param name="upvoteRatio">Of the newest observation, which the state does not remember.</param>
    /// <param name="createdAt">The post's creation, microseconds since the Unix epoch.</param>
    /// <param name="baseline">Of the post's community, at the observation's cut.</param>
    public static SurgeSignal Measure(in SurgeState state, float upvoteRatio, long createdAt, CommunityBaseline baseline)
    {
        var newest = state.Snapshots[0];
        return Measure(state, new(newest.At, newest.Score, newest.Comments, upvoteRatio), createdAt, baseline, SurgeRules.Default);
    }

    private static SurgeSignal Measure(
        in SurgeState state, in SurgeObservation observation, long createdAt, CommunityBaseline baseline, SurgeRules rules)
    {
        var minutes = SurgeWindow.Minutes(observation.At - createdAt);
        if (baseline.IsEmpty)
            return SurgeSignal.None(minutes, observation.Score);
        var typical = baseline.At(minutes);
        var score = BaselineBuilder.Log(observation.Score);
        var level = LevelClass.Level(score, typical.Score, typical.ScoreMad);
        var discussion = LevelClass.Discussion(BaselineBuilder.Log(observation.Comments), typical.Comments, typical.CommentsMad);
        var (gain, window) = Gain(state, createdAt);
        var burst = window > 0 ? Anscombe(gain) - Anscombe(typical.Gain * window) : 0;
        var (forecast, lead, outlierLead) = Foresee(score, baseline, minutes, level);
        return new(
            minutes,
            observation.Score,
            level,
            discussion,
            burst,
            Surge: rules.LevelWeight * level
                + rules.BurstWeight * Math.Clamp(burst, -rules.MostBurst, rules.MostBurst)
                + rules.DiscussionWeight * LevelClass.Sameness(typical.ScoreMad) * discussion
                + rules.ForecastWeight * (double.IsNaN(lead) ? level : lead),
            Math.Exp(score - typical.Score),
            gain,
            window,
            forecast,
            NormalDistribution.Cumulative(lead),
            NormalDistribution.Cumulative(outlierLead),
            baseline.PostsAt(minutes),
            IsControversial: observation.UpvoteRatio < rules.LeastRatio);
    }

    /// <summary>The score at a day of age, and how many deviations it is ahead of the community's top tenth and outliers.</summary>
    private static (Forecast? Forecast, double Lead, double OutlierLead) Foresee(
        double score, CommunityBaseline baseline, double minutes, double level)
    {
        if (baseline.GrowthAt(minutes, level) is not { } growth)
            return (null, double.NaN, double.NaN);
        var median = score + growth.Median;
        return (new(Points(score + growth.Low), Points(median), Points(score + growth.High)), Lead(baseline.P90), Lead(baseline.Outlier));

        double Lead(double points)
        {
            var distance = median - Math.Log(1 + points);
            var half = distance < 0 ? growth.High - growth.Median : growth.Median - growth.Low;
            // 1.2816 deviations of a normal distribution hold 80 % of it; no forecast is surer than by a tenth of e.
            return distance / Math.Max(half / 1.2816, 0.1);
        }

        static double Points(double log) => Math.Max(0, Math.Exp(log) - 1);
    }

    /// <summary>Points gained and over how many minutes; 0 minutes where there is no window.</summary>
    private static (int Points, double Minutes) Gain(in SurgeState state, long createdAt)
    {
        var last = state.Snapshots[0];
        for (var i = 1; i < state.SnapshotCount; i++)
        {
            var window = last.At - state.Snapshots[i].At;
            if (window > SurgeWindow.Most)
                return default;
            if (window >= SurgeWindow.Least)
                return (Difference(last.Score, state.Snapshots[i].Score), SurgeWindow.Minutes(window));
        }

        var age = last.At - createdAt;
        return age is >= SurgeWindow.LeastAge and <= SurgeWindow.MostAge
            ? (Difference(last.Score, SurgeWindow.BirthScore), SurgeWindow.Minutes(age))
            : default;
    }

    private static int Difference(int a, int b) => (int)Math.Clamp((long)a - b, int.MinValue, int.MaxValue);

    private static double Anscombe(double count) => 2 * Math.Sqrt(Math.Max(0, count) + 0.375);
}

/// <summary>The state after an observation, and what the observation says.</summary>
internal readonly record struct SurgeStep(SurgeState State, SurgeSignal Signal);
