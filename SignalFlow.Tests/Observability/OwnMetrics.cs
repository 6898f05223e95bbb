using System.Diagnostics.Metrics;
using System.Reflection;
using SignalFlow.Api.Live;
using SignalFlow.Ingestion;
using SignalFlow.Processing;
using SignalFlow.Processing.Consuming;
using SignalFlow.RedditSimulator;
using SignalFlow.ServiceDefaults;
using SignalFlow.Standalone;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Web;

namespace SignalFlow.Tests.Observability;

/// <summary>
/// The metrics of all services under the names that Prometheus sees. They are found by constructing every class that makes instruments: many
/// series appear on <c>/metrics</c> only once something has happened that no test can bring about cheaply.
/// </summary>
internal static class OwnMetrics
{
    private static readonly Assembly[] Services =
    [
        typeof(IngestionMetrics).Assembly, typeof(ProcessingMetrics).Assembly, typeof(StorageMetrics).Assembly, typeof(LiveMetrics).Assembly,
        typeof(WebMetrics).Assembly, typeof(SimulatorMetrics).Assembly, typeof(DataDiskMetrics).Assembly, typeof(ServiceDefaultsExtensions).Assembly,
    ];

    public static IReadOnlySet<string> Names { get; } = Find();

    private static HashSet<string> Find()
    {
        var names = new HashSet<string>();
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            // The instruments of other tests come, too, from their threads; they are the same.
            InstrumentPublished = (instrument, _) =>
            {
                lock (names)
                    names.UnionWith(Exported(instrument));
            },
        };
        listener.Start();
        foreach (var constructor in Services.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetConstructors()).Where(MakesInstruments))
            constructor.Invoke([.. constructor.GetParameters().Select(parameter => Argument(parameter.ParameterType, meters))]);
        lock (names)
            return [.. names.Where(IsOwn)];
    }

    public static bool IsOwn(string name) =>
        name.StartsWith("signalflow_", StringComparison.Ordinal) || name.StartsWith("reddit_processor_", StringComparison.Ordinal);

    // Others that are given the factory hand it on to one of these.
    private static bool MakesInstruments(ConstructorInfo constructor) =>
        (constructor.DeclaringType!.Name.EndsWith("Metrics", StringComparison.Ordinal) || constructor.DeclaringType == typeof(ConsumerLag))
        && constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(IMeterFactory));

    // What is observed is asked later, so what it is asked of need not be there.
    private static object? Argument(Type type, IMeterFactory meters) =>
        type == typeof(IMeterFactory) ? meters
        : type == typeof(TimeProvider) ? TimeProvider.System
        : type == typeof(string) ? Path.GetTempPath()
        : null;

    // As the exporter names them: units are spelled out, counters are totals; PrometheusTests compares with what a process exposes.
    private static IEnumerable<string> Exported(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = instrument.Name.EndsWith(unit, StringComparison.Ordinal) ? instrument.Name : instrument.Name + unit;
        var kind = instrument.GetType().Name;
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
            return [$"{name}_bucket", $"{name}_sum", $"{name}_count"];
        return [kind.StartsWith("Counter", StringComparison.Ordinal) && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name];
    }
}
