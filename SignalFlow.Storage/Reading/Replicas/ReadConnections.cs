using Npgsql;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>
/// For hand-written queries: connections to where the request reads, by the same choice and with the same repetition as the queries of
/// <see cref="SignalFlowDbContext"/>.
/// </summary>
public sealed class ReadConnections
{
    private readonly NpgsqlDataSource _primary;
    private readonly ReadSession? _session;
    private readonly ReplicaMetrics? _metrics;

    internal ReadConnections(NpgsqlDataSource primary) => _primary = primary;

    internal ReadConnections(NpgsqlDataSource primary, ReadSession session, ReplicaMetrics metrics)
        : this(primary) => (_session, _metrics) = (session, metrics);

    /// <param name="read">Starts anew when it is called again.</param>
    /// <param name="state">What <paramref name="read"/> needs, so that it captures nothing.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<T> ReadAsync<TState, T>(
        Func<NpgsqlConnection, TState, CancellationToken, Task<T>> read, TState state, CancellationToken cancellationToken)
    {
        if (_session is null)
        {
            await using var connection = await _primary.OpenConnectionAsync(cancellationToken);
            return await read(connection, state, cancellationToken);
        }

        var target = _session.Target;
        for (var failures = 0; ;)
        {
            try
            {
                _metrics!.Read(target);
                await using var connection = await target.DataSource.OpenConnectionAsync(cancellationToken);
                return await read(connection, state, cancellationToken);
            }
            catch (NpgsqlException exception) when (ReadRepetition.IsFor(exception, _session) && ReadRepetition.DelayAfter(++failures) is not null)
            {
                _metrics!.Repeated();
                target = _session.FallBack();
            }

            await Task.Delay(ReadRepetition.DelayAfter(failures)!.Value, cancellationToken);
        }
    }
}
