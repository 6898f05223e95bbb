using NpgsqlTypes;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>
/// When the primary's write-ahead log had got how far. From it follows how old a replica's data are: as old as the newest moment at which
/// the primary had not written more than the replica has replayed.
/// </summary>
internal sealed class PrimaryPositions
{
    /// <summary>Lags beyond this are told as this.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(15);

    private readonly Queue<(NpgsqlLogSequenceNumber Position, TimeSpan At)> _earlier = [];
    private (NpgsqlLogSequenceNumber Position, TimeSpan At)? _last;
    private bool _hasForgotten;

    /// <param name="position">How far the primary's log is durable.</param>
    /// <param name="at">Now, on a clock that only goes forward.</param>
    public void Add(NpgsqlLogSequenceNumber position, TimeSpan at)
    {
        if (_last is { } last && position != last.Position)
        {
            if (position < last.Position)
            {
                // Another server, promoted or restored: what is known is about a log that has ended.
                _earlier.Clear();
                _hasForgotten = false;
            }
            else
            {
                _earlier.Enqueue(last);
            }
        }

        _last = (position, at);
        while (_earlier.TryPeek(out var oldest) && at - oldest.At > Remembered)
        {
            _earlier.Dequeue();
            _hasForgotten = true;
        }
    }

    /// <summary>As of the newest position, so it stands still while the primary does not answer.</summary>
    /// <returns>Null: the replica has not got to where the primary was when it was first seen, so nobody knows.</returns>
    public TimeSpan? LagOf(NpgsqlLogSequenceNumber replayed)
    {
        if (_last is not { } last)
            return null;
        if (replayed >= last.Position)
            return TimeSpan.Zero;

        TimeSpan? since = _hasForgotten ? last.At - Remembered : null;
        foreach (var (position, at) in _earlier)
        {
            if (position > replayed)
                break;
            since = at;
        }

        return last.At - since;
    }
}
