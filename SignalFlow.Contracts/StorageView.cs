namespace SignalFlow.Contracts;

/// <summary>How the database keeps its rows, for operators.</summary>
public sealed record StorageView
{
    /// <summary><c>plain</c>, <c>apache</c> or <c>timescale</c>.</summary>
    public required string Mode { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Of the TimescaleDB extension; null where it is not used.</summary>
    public string? TimescaleVersion { get; init; }

    public required int SchemaVersion { get; init; }
    public required long DatabaseBytes { get; init; }
    public required HistoryStorage History { get; init; }

    /// <summary>Largest first. Partitions and chunks are counted with their table.</summary>
    public required IReadOnlyList<TableStorage> Tables { get; init; }

    public required IReadOnlyList<StorageJobRun> Jobs { get; init; }
}

/// <summary>The observations: one partition (plain PostgreSQL) or chunk (TimescaleDB) a day.</summary>
public sealed record HistoryStorage
{
    public required long Bytes { get; init; }

    /// <summary>Size before compression divided by the size after it, of the chunks that are compressed; null where none is.</summary>
    public double? CompressionRatio { get; init; }

    public DateTimeOffset? OldestObservationAt { get; init; }
    public DateTimeOffset? NewestObservationAt { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<HistoryChunk> Chunks { get; init; }
}

/// <param name="Name">Of the table that is the partition or chunk.</param>
/// <param name="Start">Inclusive.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Bytes">With indexes, as it is now.</param>
/// <param name="Rows">An estimate; null where the database has none yet.</param>
/// <param name="UncompressedBytes">What it had before compression; null when it is not compressed.</param>
public sealed record HistoryChunk(string Name, DateTimeOffset Start, DateTimeOffset End, long Bytes, long? Rows, long? UncompressedBytes);

/// <param name="Name">Of the table.</param>
/// <param name="Bytes">With indexes.</param>
/// <param name="Rows">An estimate; null where the database has none yet.</param>
public sealed record TableStorage(string Name, long Bytes, long? Rows);

/// <summary>The last run of a job that keeps the storage, whichever process or scheduler has done it.</summary>
/// <param name="Name">Of the job; those of TimescaleDB's scheduler begin with <c>timescale:</c>.</param>
/// <param name="StartedAt">Null: never.</param>
/// <param name="FinishedAt">Null: it is running, or its process has died.</param>
/// <param name="Succeeded">Null while it runs.</param>
/// <param name="Items">What it worked on: hours counted, partitions dropped, rows deleted; null where that is not known.</param>
/// <param name="Error">Of a run that failed.</param>
/// <param name="LastSuccessAt">Null: never.</param>
public sealed record StorageJobRun(
    string Name, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, bool? Succeeded, long? Items, string? Error, DateTimeOffset? LastSuccessAt);
