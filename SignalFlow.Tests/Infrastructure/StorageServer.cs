namespace SignalFlow.Tests.Infrastructure;

/// <summary>The servers that storage runs on. What is promised of all of them is tested on each of them.</summary>
public enum StorageServer
{
    /// <summary>PostgreSQL without TimescaleDB.</summary>
    Plain,

    /// <summary>TimescaleDB with all its features, compiled to WebAssembly.</summary>
    Timescale,

    /// <summary>The same with <c>timescaledb.license = apache</c>: hypertables only.</summary>
    Apache,

    /// <summary>An installed TimescaleDB, which the environment names.</summary>
    Native,
}
