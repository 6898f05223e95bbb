#pragma warning disable CA1050 // The runtime asks for this name in no namespace.

/// <summary>Makes the runtime load this assembly into a service of another folder, for <see cref="SignalFlow.Benchmarks.Chaos.JumpingClock"/>.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // To be loaded is all.
    }
}
