namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Processes that die, halt, come and go, and clocks that jump.</summary>
internal sealed class ServiceFaults(ChaosServices services)
{
    public Fault Killed(Random random)
    {
        var name = Any(random);
        return new("service killed", name, async _ =>
        {
            await services[name].KillAsync();
            services[name].Start();
        });
    }

    public Fault BothKilled(Random random)
    {
        string[] names = random.Next(2) == 0
            ? [ChaosServices.Processing, ChaosServices.SecondProcessing]
            : [ChaosServices.Processing, ChaosServices.SecondProcessing, ChaosServices.Ingestion];
        return new("both of processing killed", names.Length == 2 ? "alone" : "with ingestion", async _ =>
        {
            await Task.WhenAll(names.Select(name => services[name].KillAsync()));
            foreach (var name in names)
                services[name].Start();
        });
    }

    public Fault Halted(Random random)
    {
        var name = Any(random);
        // Beyond the session's six seconds a member is taken for dead, and comes back.
        var time = Fault.Seconds(random, 0.5, 9);
        return new("service halted", $"{name} for {Fault.Text(time)}", Fault.For(time, services[name].Freeze, services[name].Thaw));
    }

    public Fault Restarted(Random random)
    {
        var name = Any(random);
        return new("service restarted", name, async _ =>
        {
            await services[name].StopAsync();
            services[name].Start();
        });
    }

    public Fault Scaled(Random random)
    {
        var time = Fault.Seconds(random, 1, 5);
        var dies = random.Next(2) == 0;
        var third = services[ChaosServices.ThirdProcessing];
        return new("replica added and removed", $"for {Fault.Text(time)}, {(dies ? "killed" : "stopped")}", async cancellationToken =>
        {
            third.Start();
            await third.HealthyAsync(cancellationToken);
            await Task.Delay(time, cancellationToken);
            await (dies ? third.KillAsync() : third.StopAsync());
        });
    }

    public Fault ClockJumps(Random random)
    {
        var name = ChaosServices.Clocked[random.Next(ChaosServices.Clocked.Length)];
        var offset = TimeSpan.FromSeconds((random.Next(2) == 0 ? -1 : 1) * (1 + random.NextDouble() * 120));
        var time = Fault.Seconds(random, 1, 5);
        return new(
            "clock jumps", $"{name} by {Fault.Text(offset)} for {Fault.Text(time)}",
            Fault.For(time, () => services.Jump(name, offset), () => services.Jump(name, TimeSpan.Zero)));
    }

    private static string Any(Random random) => ChaosServices.Lasting[random.Next(ChaosServices.Lasting.Length)];
}
