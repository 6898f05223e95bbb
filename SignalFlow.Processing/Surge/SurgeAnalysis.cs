using System.Buffers.Binary;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Surge;

/// <summary>Folds the observations of a batch into a post's signal. Pure, given the baselines.</summary>
/// <param name="baselines">What an observation of this real instant is compared with.</param>
/// <param name="clock">Of real and felt time.</param>
internal sealed class SurgeAnalysis(Func<long, BaselineTable> baselines, SurgeClock clock)
{
    /// <summary>Speed of the clock, then the fold's own bytes: instants of another time lapse cannot be continued.</summary>
    private const int Header = sizeof(int);

    /// <param name="observations">All of the same post, in the order of arrival.</param>
    /// <param name="known">What is stored before them; null when the post is new.</param>
    public SurgeUpdate Update(ReadOnlySpan<DecodedObservation> observations, KnownPost? known)
    {
        var post = observations[0].Post;
        var created = clock.Felt(Microseconds(post.CreatedUtc));
        var (state, folded) = (default(SurgeState), 0);
        if (known is { State.IsObserved: true })
        {
            if (known.Value.Surge is not { } stored || !TryDecode(stored.State, out state))
                return new(null, null, null, IsLate: true);
            folded = stored.Folded;
        }

        var (baseAt, baseFolded) = (folded > 0 ? clock.Real(state.LastAt) : (long?)null, folded);
        SurgeSignal? signal = null;
        List<SurgeStart>? starts = null;
        foreach (var observation in InOrder(observations))
        {
            var at = clock.Felt(observation.Sample.At);
            if (folded > 0 && at <= state.LastAt)
            {
                if (!Holds(state, at))
                    return new(null, null, null, IsLate: true);
                continue;
            }

            var baseline = baselines(observation.Sample.At).Of(post.Subreddit);
            var before = state;
            (state, var found) = SurgeFold.Next(state, Of(observation, at), created, baseline);
            Began(before, state, found, ref starts);
            signal = found;
            folded++;
        }

        var next = new KnownSurge(folded, Encode(state));
        if (signal is not { } newest)
            return new(known?.Surge, null, View(state, Again(state, post, created)), IsLate: false);
        var change = Change(post.Id, post.Subreddit, state, newest, next) with { BaseAt = baseAt, BaseFolded = baseFolded, Starts = starts ?? [] };
        return new(next, change, View(state, newest), IsLate: false);
    }

    /// <summary>The signal of a post with this history, in any order; null without one.</summary>
    public SurgeChange? Fold(string id, string subreddit, long createdAt, IReadOnlyList<SurgeObservation> history)
    {
        var (state, folded, signal) = (default(SurgeState), 0, default(SurgeSignal));
        var created = clock.Felt(createdAt);
        List<SurgeStart>? starts = null;
        foreach (var observation in history.OrderBy(observation => observation.At))
        {
            var at = clock.Felt(observation.At);
            if (folded > 0 && at <= state.LastAt)
                continue;
            var before = state;
            (state, signal) = SurgeFold.Next(state, observation with { At = at }, created, baselines(observation.At).Of(subreddit));
            Began(before, state, signal, ref starts);
            folded++;
        }

        return folded == 0 ? null : Change(id, subreddit, state, signal, new(folded, Encode(state))) with { Starts = starts ?? [] };
    }

    private void Began(in SurgeState before, in SurgeState after, in SurgeSignal signal, ref List<SurgeStart>? starts)
    {
        if (before.EmergedAt == 0 && after.EmergedAt != 0)
            (starts ??= []).Add(Start(SurgePhase.Emerging, after, signal));
        if (before.TrendedAt == 0 && after.TrendedAt != 0)
            (starts ??= []).Add(Start(SurgePhase.Trending, after, signal));
    }

    private SurgeStart Start(SurgePhase phase, in SurgeState state, in SurgeSignal signal) => new(
        SurgePhaseNames.Of((short)phase),
        clock.Real(state.LastAt),
        signal.TimesTypical,
        JsonSerializer.Serialize(View(state, signal), ContractsJsonContext.Default.SurgeView));

    private SurgeSignal Again(in SurgeState state, PostObservation post, long created) => SurgeFold.Measure(
        state, (float)(post.UpvoteRatio ?? double.NaN), created, baselines(clock.Real(state.LastAt)).Of(post.Subreddit));

    private static IEnumerable<DecodedObservation> InOrder(ReadOnlySpan<DecodedObservation> observations) => observations.Length == 1
        ? observations[0].IsObserved ? [observations[0]] : []
        : observations.ToArray().Where(observation => observation.IsObserved).OrderBy(observation => observation.Sample.At);

    private static SurgeObservation Of(in DecodedObservation observation, long at) => new(
        at, observation.Sample.Score, observation.Sample.Comments, (float)(observation.Post.UpvoteRatio ?? double.NaN), observation.Purge is not null);

    /// <summary>One that has come before: a crash may repeat whole batches.</summary>
    private static bool Holds(in SurgeState state, long at)
    {
        for (var i = 0; i < state.SnapshotCount; i++)
        {
            if (state.Snapshots[i].At == at)
                return true;
        }

        return false;
    }

    private SurgeChange Change(string id, string subreddit, in SurgeState state, in SurgeSignal signal, KnownSurge stored) => new()
    {
        PostId = id,
        Subreddit = subreddit,
        ObservedAt = clock.Real(state.LastAt),
        Folded = stored.Folded,
        State = stored.State,
        Phase = (short)state.Phase,
        PhaseSince = clock.Real(state.PhaseSince),
        EmergedAt = clock.Real(state.EmergedAt),
        TrendedAt = clock.Real(state.TrendedAt),
        Surge = signal.Percent,
        Level = signal.Level,
        Discussion = signal.Discussion,
        Burst = signal.Burst,
        TimesTypical = signal.TimesTypical,
        Gain = signal.Gain,
        WindowMinutes = signal.WindowMinutes,
        Forecast = signal.Forecast is { } forecast ? (forecast.Low, forecast.Median, forecast.High) : null,
        Chance = double.IsNaN(signal.Chance) ? null : signal.Chance,
        AgeMinutes = signal.AgeMinutes,
        BaselinePosts = signal.Posts,
        PeakScore = state.PeakScore,
        PeakVelocity = state.PeakVelocity,
    };

    private SurgeView View(in SurgeState state, in SurgeSignal signal) => new()
    {
        Score = signal.Percent,
        Phase = SurgePhaseNames.Of((short)state.Phase),
        Since = state.PhaseSince == 0 ? null : PostWriter.ToDateTime(clock.Real(state.PhaseSince)),
        TimesTypical = signal.TimesTypical,
        Gain = signal.Gain,
        WindowMinutes = signal.WindowMinutes,
        AgeMinutes = signal.AgeMinutes,
        Forecast = signal.Forecast is { } forecast ? new(forecast.Low, forecast.Median, forecast.High) : null,
        Chance = double.IsNaN(signal.Chance) ? null : signal.Chance,
        PeakVelocity = state.PeakVelocity,
        BaselinePosts = signal.Posts,
    };

    private byte[] Encode(in SurgeState state)
    {
        Span<byte> bytes = stackalloc byte[Header + SurgeStateCodec.MostBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, clock.Speed);
        var length = SurgeStateCodec.Encode(state, bytes[Header..]);
        return bytes[..(Header + length)].ToArray();
    }

    private bool TryDecode(ReadOnlySpan<byte> bytes, out SurgeState state)
    {
        state = default;
        return bytes.Length > Header
            && BinaryPrimitives.ReadInt32LittleEndian(bytes) == clock.Speed
            && SurgeStateCodec.TryDecode(bytes[Header..], out state)
            && state.IsObserved;
    }

    private static long Microseconds(double seconds) => (long)Math.Round(seconds * 1e6);
}
