namespace SignalFlow.Storage.Migrations;

/// <summary>How a database keeps history. Tables, views and their columns have the same names in all modes.</summary>
public enum StorageMode
{
    /// <summary>PostgreSQL alone: daily partitions; hourly figures and retention by jobs of ours.</summary>
    Plain,

    /// <summary>TimescaleDB under its Apache licence: a hypertable; hourly figures and retention by jobs of ours.</summary>
    Apache,

    /// <summary>TimescaleDB under the Timescale licence: a hypertable, a continuous aggregate, policies for refresh, retention and compression.</summary>
    Timescale,
}
