using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SignalFlow.ServiceDefaults;

/// <summary>What runs here: all projects have one version and come from one commit.</summary>
internal sealed class BuildInfo(string name, TimeProvider time)
{
    private static readonly string[] Informational =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+', 2);

    public static string Version => Informational[0];

    /// <summary>Null where the build did not know it, as outside of a checkout.</summary>
    public static string? Commit => Informational.ElementAtOrDefault(1);

    public ServiceVersion View { get; } = new(name, Version, Commit, RuntimeInformation.FrameworkDescription, time.GetUtcNow());
}

/// <summary>The answer of <c>/version</c>.</summary>
internal sealed record ServiceVersion(string Name, string Version, string? Commit, string Runtime, DateTimeOffset StartedAt);

/// <summary>The version as labels, to be joined to other metrics.</summary>
internal sealed class BuildMetrics
{
    public BuildMetrics(IMeterFactory meters) => meters.Create("SignalFlow.ServiceDefaults").CreateObservableGauge(
        "signalflow_build_info",
        () => new Measurement<int>(1, new("version", BuildInfo.Version), new("commit", BuildInfo.Commit ?? "unknown")),
        description: "Always 1; the labels say what runs.");
}
