using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// Time as posts feel it. Ages and windows of the fold are those of real posts; where Reddit is simulated in a time lapse, every instant is taken times
/// its speed on the way in and divided by it on the way out. Real instants and simulated ones are microseconds.
/// </summary>
internal sealed class SurgeClock(IOptions<SurgeOptions> options)
{
    /// <summary>In a time lapse baselines would be due every few seconds, and each costs a second.</summary>
    private const long LeastPeriod = 2 * SurgeWindow.Minute;

    public int Speed { get; } = options.Value.Speed;

    /// <summary>Distance of two cuts, real.</summary>
    public long Period => Math.Max(BaselineCut.Period / Speed, LeastPeriod);

    /// <summary>The cut that an observation of a real instant is compared at, real.</summary>
    public long CutOf(long observedAt) => BaselineCut.Of(observedAt, Period);

    public long Felt(long real) => real * Speed;

    /// <summary>Exact for what <see cref="Felt"/> has given; 0 stays 0.</summary>
    public long Real(long felt) => felt / Speed;
}
