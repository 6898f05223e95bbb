using System.Runtime.CompilerServices;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// All that the fold remembers of a post: a value without references, the same whatever batches its observations came in. Times are
/// microseconds since the Unix epoch; the default value is a post that nobody has observed. <see cref="SurgeStateCodec"/> stores it.
/// </summary>
internal record struct SurgeState
{
    /// <summary>The newest observation and, before it, ones at least <see cref="SnapshotDistance"/> apart; the newest first.</summary>
    internal SnapshotRing Snapshots;

    /// <summary>How many there are.</summary>
    public byte SnapshotCount { get; internal set; }

    public SurgePhase Phase { get; internal set; }

    /// <summary>Consecutive observations that would have it emerge.</summary>
    public byte Hits { get; internal set; }

    /// <summary>Consecutive observations that would have it trend.</summary>
    public byte StrongHits { get; internal set; }

    /// <summary>Time of the observation since which it is in its phase; 0 while it is New.</summary>
    public long PhaseSince { get; internal set; }

    /// <summary>Time of the observation at which it first emerged; 0: it has not.</summary>
    public long EmergedAt { get; internal set; }

    /// <summary>Time of the observation at which it first was trending; 0: it has not been.</summary>
    public long TrendedAt { get; internal set; }

    /// <summary>Time of the first of the latest observations in a row that rise more slowly than is typical; 0: the latest does not.</summary>
    public long QuietSince { get; internal set; }

    /// <summary>The highest score shown.</summary>
    public int PeakScore { get; internal set; }

    /// <summary>The highest gain, points per minute, over a window of <see cref="SurgeWindow"/>.</summary>
    public float PeakVelocity { get; internal set; }

    /// <summary>So many at this distance always hold one that is at least <see cref="SurgeWindow.Least"/> older than the newest.</summary>
    internal const int MostSnapshots = 6;

    internal const long SnapshotDistance = 2 * SurgeWindow.Minute;

    public readonly bool IsObserved => SnapshotCount > 0;

    /// <summary>Time of the newest observation; one that is not later changes nothing and, if it is earlier, asks for a new fold.</summary>
    public readonly long LastAt => Snapshots[0].At;

    /// <summary>Adds an observation that is later than all before it.</summary>
    internal void Push(in SurgeObservation observation)
    {
        // One that the next followed too closely does not stay.
        var stays = SnapshotCount == 1 || SnapshotCount > 1 && Snapshots[0].At - Snapshots[1].At >= SnapshotDistance;
        if (stays)
        {
            for (var i = MostSnapshots - 1; i > 0; i--)
                Snapshots[i] = Snapshots[i - 1];
            SnapshotCount = (byte)Math.Min(SnapshotCount + 1, MostSnapshots);
        }

        SnapshotCount = Math.Max(SnapshotCount, (byte)1);
        Snapshots[0] = new(observation.At, observation.Score, observation.Comments);
        PeakScore = Math.Max(PeakScore, observation.Score);
    }

    /// <param name="At">Microseconds since the Unix epoch.</param>
    internal readonly record struct Snapshot(long At, int Score, int Comments);

    [InlineArray(MostSnapshots)]
    internal struct SnapshotRing : IEquatable<SnapshotRing>
    {
        private Snapshot _first;

        public readonly bool Equals(SnapshotRing other) => ((ReadOnlySpan<Snapshot>)this).SequenceEqual(other);

        public override readonly bool Equals(object? other) => other is SnapshotRing ring && Equals(ring);

        public override readonly int GetHashCode() => this[0].GetHashCode();
    }
}
