namespace SignalFlow.Processing.Surge;

/// <summary>
/// When a post changes its phase. Hysteresis: it takes more to enter a phase than to stay in it, and consecutive observations to enter.
/// </summary>
internal static class SurgePhases
{
    public static void Move(
        ref SurgeState state, in SurgeObservation observation, in SurgeSignal signal, CommunityBaseline baseline, SurgeRules rules)
    {
        var isHit = IsHit(observation, signal, baseline, rules);
        state.Hits = isHit ? Count(state.Hits) : (byte)0;
        state.StrongHits = isHit && IsStrong(signal, rules) ? Count(state.StrongHits) : (byte)0;
        if (signal.WindowMinutes > 0)
            state.QuietSince = !IsQuiet(signal) ? 0 : state.QuietSince == 0 ? observation.At : state.QuietSince;
        var phase = Next(state, observation, signal, rules);
        if (phase == state.Phase)
            return;
        state.Phase = phase;
        state.PhaseSince = observation.At;
        if (phase is SurgePhase.Emerging or SurgePhase.Trending && state.EmergedAt == 0)
            state.EmergedAt = observation.At;
        if (phase == SurgePhase.Trending && state.TrendedAt == 0)
            state.TrendedAt = observation.At;
    }

    private static bool IsHit(in SurgeObservation observation, in SurgeSignal signal, CommunityBaseline baseline, SurgeRules rules) =>
        !baseline.IsEmpty
        && !observation.IsRemoved
        && !signal.IsControversial
        && observation.Score >= LeastScore(baseline, rules)
        && signal.Level >= rules.EmergeLevel
        && signal.TimesTypical >= rules.EmergeTimes
        && !IsQuiet(signal)
        && (signal.Forecast is { } forecast
            ? signal.Chance >= rules.EmergeChance && 1 + forecast.Median >= rules.EmergeFinalTimes * (1 + baseline.P50)
            // On the first day nobody knows yet how posts end.
            : signal.Level >= rules.EmergeLevelUnforeseen
                && signal.Burst >= rules.EmergeBurstUnforeseen
                && signal.TimesTypical >= rules.EmergeFinalTimes);

    /// <summary>It rises more slowly than is typical, or not at all: standing still is no burst, even where the typical post stands still.</summary>
    private static bool IsQuiet(in SurgeSignal signal) => signal.WindowMinutes > 0 && (signal.Burst < 0 || signal.Gain <= 0);

    private static double LeastScore(CommunityBaseline baseline, SurgeRules rules) =>
        double.IsNaN(baseline.P50) ? rules.LeastScore : Math.Min(rules.LeastScore, Math.Max(2, baseline.P50));

    private static bool IsStrong(in SurgeSignal signal, SurgeRules rules) =>
        signal.Forecast is null ? signal.Level >= rules.TrendLevelUnforeseen : signal.OutlierChance >= rules.TrendChance;

    private static SurgePhase Next(in SurgeState state, in SurgeObservation observation, in SurgeSignal signal, SurgeRules rules)
    {
        if (observation.IsRemoved)
            return state.Phase == SurgePhase.New ? SurgePhase.New : SurgePhase.Faded;
        var emerges = state.Hits >= rules.ConsecutiveHits || state.Hits > 0 && signal.Chance >= rules.CertainChance;
        var trends = state.StrongHits >= rules.ConsecutiveHits;
        switch (state.Phase)
        {
            case SurgePhase.New or SurgePhase.Faded:
                return trends ? SurgePhase.Trending : emerges ? SurgePhase.Emerging : state.Phase;
            case SurgePhase.Emerging or SurgePhase.Trending:
                if (signal.Level < rules.FadeAt)
                    return SurgePhase.Faded;
                if (state.QuietSince > 0 && observation.At - state.QuietSince >= rules.QuietTime)
                    return SurgePhase.Peaked;
                return trends ? SurgePhase.Trending : state.Phase;
            default:
                if (signal.Level < rules.FadeAt || observation.At - state.PhaseSince >= rules.FadeTime)
                    return SurgePhase.Faded;
                return trends ? SurgePhase.Trending : emerges ? SurgePhase.Emerging : state.Phase;
        }
    }

    private static byte Count(byte hits) => hits == byte.MaxValue ? hits : (byte)(hits + 1);
}
