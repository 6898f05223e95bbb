using Npgsql;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>One piece of housekeeping.</summary>
/// <param name="Id">Tells its lock from those of the other jobs; never changes.</param>
/// <param name="Name">As in <c>storage_jobs</c> and in the metrics.</param>
/// <param name="Interval">Between two runs, over all processes about as often.</param>
/// <param name="RunAsync">Does bounded work on an open connection outside a transaction and tells how much it was.</param>
internal sealed record StorageJob(int Id, string Name, TimeSpan Interval, Func<NpgsqlConnection, CancellationToken, Task<long>> RunAsync);
