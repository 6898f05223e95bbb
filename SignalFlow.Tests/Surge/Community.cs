using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

/// <summary>A community whose posts grow alike and end between 5 and 160 points, half of them with 28 or more; and its posts.</summary>
internal static class Community
{
    public const string Name = "golang";

    public const long Created = 1_700_000_000_000_000;

    private const double Pace = 120;

    private static readonly double[] Ages = [.. Minutes()];

    private static readonly BaselineTable Usual = Table();

    public static BaselineTable Table(int posts = 200, string name = Name) => Builder(posts, name).Build();

    public static BaselineBuilder Builder(int posts = 200, string name = Name)
    {
        var builder = new BaselineBuilder();
        for (var i = 0; i < posts; i++)
        {
            var final = 5 * Math.Pow(32, (i + 0.5) / posts);
            builder.Add(name, Created, Post(final), (int)final);
        }

        return builder;
    }

    /// <summary>A post that grows as the community's do.</summary>
    public static SurgeObservation[] Post(double final) => [.. Ages.Select(age => At(age, Expected(final, age)))];

    public static int Expected(double final, double age) => (int)Math.Round(1 + (final - 1) * (1 - Math.Exp(-age / Pace)));

    public static SurgeObservation At(double minutes, int score, int comments = 2, float ratio = 0.9f, bool isRemoved = false) =>
        new(Created + (long)(minutes * SurgeWindow.Minute), score, comments, ratio, isRemoved);

    public static SurgeStep Fold(IEnumerable<SurgeObservation> observations, CommunityBaseline? baseline = null)
    {
        baseline ??= Usual.Of(Name);
        SurgeStep step = default;
        foreach (var observation in observations)
            step = SurgeFold.Next(step.State, observation, Created, baseline);
        return step;
    }

    public static List<SurgePhase> Phases(IEnumerable<SurgeObservation> observations)
    {
        var baseline = Usual.Of(Name);
        var phases = new List<SurgePhase>();
        SurgeState state = default;
        foreach (var observation in observations)
        {
            state = SurgeFold.Next(state, observation, Created, baseline).State;
            if (phases.Count == 0 || phases[^1] != state.Phase)
                phases.Add(state.Phase);
        }

        return phases;
    }

    private static IEnumerable<double> Minutes()
    {
        for (var age = 1.0; age < 1500; age += age < 120 ? 3 : age < 360 ? 10 : 30)
            yield return age;
    }
}
