using CsCheck;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

public sealed class WorldClockTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signalflow-clock-");
    private readonly FakeTimeProvider _time = new(SimulatorApp.Epoch);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Runs_at_its_speed()
    {
        var clock = new WorldClock(_time, 60);
        _time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(TimeSpan.FromMinutes(90), clock.Now);
        Assert.Equal(SimulatorApp.Epoch + TimeSpan.FromSeconds(90), clock.RealTimeOf(TimeSpan.FromMinutes(90)));
        Assert.Equal(SimulatorApp.Epoch - TimeSpan.FromSeconds(60), clock.RealTimeOf(TimeSpan.FromMinutes(-60)));
    }

    [Fact]
    public void Stands_still_until_it_is_looked_at_if_it_is_to()
    {
        var clock = new WorldClock(_time, 60, whenLookedAt: true);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, clock.Now);

        clock.Begin();
        _time.Advance(TimeSpan.FromSeconds(1));
        clock.Begin();

        Assert.Equal(TimeSpan.FromMinutes(1), clock.Now);
    }

    [Fact]
    public void Never_passes_its_lease()
    {
        var clock = Open(speed: 10);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(WorldClock.Lease * 10, clock.Now);

        clock.ExtendLease();
        Assert.Equal(TimeSpan.FromHours(10), clock.Now);
    }

    [Fact]
    public void Stands_still_while_nobody_runs_it()
    {
        var clock = Open(speed: 10);
        _time.Advance(TimeSpan.FromSeconds(2));
        clock.ReleaseLease();
        _time.Advance(TimeSpan.FromDays(3));

        Assert.Equal(TimeSpan.FromSeconds(20), Open(speed: 10).Now);
    }

    [Fact]
    public void Continues_where_the_lease_of_a_killed_run_ended()
    {
        Open(speed: 10);
        _time.Advance(TimeSpan.FromDays(1));
        var next = Open(speed: 60);

        Assert.Equal(WorldClock.Lease * 10, next.Now);
        Assert.Equal(SimulatorApp.Epoch + TimeSpan.FromSeconds(1), next.RealTimeOf(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Runs_on_through_a_restart_within_the_lease()
    {
        Open(speed: 10);
        _time.Advance(TimeSpan.FromSeconds(1));

        var next = Open(speed: 20);
        Assert.Equal(TimeSpan.FromSeconds(10), next.Now);
        _time.Advance(WorldClock.Lease);
        Assert.Equal(WorldClock.Lease * 10 + TimeSpan.FromSeconds(20), next.Now);
    }

    [Fact]
    public void Keeps_what_it_showed_when_the_real_clock_goes_back()
    {
        var time = new SettableTime(SimulatorApp.Epoch);
        var clock = new WorldClock(time, 1, File());
        time.Now += TimeSpan.FromSeconds(2);
        var shown = clock.Now;
        time.Now -= TimeSpan.FromDays(2);
        clock.ReleaseLease();

        Assert.Equal(shown, clock.Now);
        var next = new WorldClock(time, 1, File());
        Assert.True(next.Now >= shown);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.True(next.Now > shown);
    }

    [Fact]
    public void Whatever_happens_what_was_shown_keeps_its_time()
    {
        var steps = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5_000], Gen.Int[1, 600]).Array[1, 25];
        steps.Sample(
            run =>
            {
                var time = new FakeTimeProvider(SimulatorApp.Epoch);
                var name = Guid.NewGuid().ToString("N");
                WorldClock Start(double speed) => new(time, speed, ClockFile.Open(_folder.FullName, name, 2));
                var clock = Start(1);
                var shown = new List<(TimeSpan Instant, DateTimeOffset Real)>();
                foreach (var (action, milliseconds, speed) in run)
                {
                    time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                    if (action == 1)
                        clock.ExtendLease();
                    else if (action == 2)
                        clock.ReleaseLease();
                    if (action >= 2)
                        clock = Start(speed);

                    var now = clock.Now;
                    Assert.True(shown.Count == 0 || now >= shown[^1].Instant);
                    Assert.True(clock.RealTimeOf(now) <= time.GetUtcNow());
                    shown.Add((now, clock.RealTimeOf(now)));
                    Assert.All(shown, then => Assert.Equal(then.Real, clock.RealTimeOf(then.Instant)));
                }
            },
            iter: 15);
    }

    [Fact]
    public void State_that_cannot_be_read_is_named()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder.FullName, "world-test.json"), "{\"segments\":");

        var error = Assert.Throws<InvalidOperationException>(File);
        Assert.Contains("Simulator:StatePath", error.Message, StringComparison.Ordinal);
        Assert.Contains("world-test.json", error.Message, StringComparison.Ordinal);
    }

    private ClockFile File() => ClockFile.Open(_folder.FullName, "test", 2);

    private WorldClock Open(double speed) => new(_time, speed, File());

    /// <summary>FakeTimeProvider does not go back.</summary>
    private sealed class SettableTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
