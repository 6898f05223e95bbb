namespace SignalFlow.RedditSimulator.World;

/// <summary>One run of the world: from <see cref="RealStart"/> to <see cref="RealEnd"/> simulated time passed <see cref="Speed"/> times as fast.</summary>
internal readonly record struct ClockSegment(DateTimeOffset RealStart, DateTimeOffset RealEnd, TimeSpan SimulatedStart, double Speed)
{
    public TimeSpan SimulatedEnd => SimulatedAt(RealEnd);

    public TimeSpan SimulatedAt(DateTimeOffset real)
    {
        var passed = (real < RealEnd ? real : RealEnd) - RealStart;
        return SimulatedStart + (passed > TimeSpan.Zero ? passed * Speed : TimeSpan.Zero);
    }

    public DateTimeOffset RealAt(TimeSpan simulated) => RealStart + (simulated - SimulatedStart) / Speed;
}
