using System.Buffers.Binary;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// A state as bytes, little endian, 45 to 141 of them: version, phase, hits, strong hits, number of snapshots, four instants, two peaks, then
/// the snapshots, the newest first. Equal states have equal bytes.
/// </summary>
internal static class SurgeStateCodec
{
    /// <summary>
    /// To be changed with the layout and with <see cref="SurgeRules"/>: a state of another version is not continued, its post is folded again
    /// from its history.
    /// </summary>
    public const byte Version = 1;

    public const int MostBytes = Header + SurgeState.MostSnapshots * SnapshotSize;

    private const int Header = 5 + 4 * sizeof(long) + 2 * sizeof(int);
    private const int SnapshotSize = sizeof(long) + 2 * sizeof(int);

    public static byte[] Encode(in SurgeState state)
    {
        var bytes = new byte[Header + state.SnapshotCount * SnapshotSize];
        Encode(state, bytes);
        return bytes;
    }

    /// <param name="bytes">At least <see cref="MostBytes"/>, or as many as the state needs.</param>
    /// <returns>How many were written.</returns>
    public static int Encode(in SurgeState state, Span<byte> bytes)
    {
        bytes[0] = Version;
        bytes[1] = (byte)state.Phase;
        bytes[2] = state.Hits;
        bytes[3] = state.StrongHits;
        bytes[4] = state.SnapshotCount;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[5..], state.PhaseSince);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[13..], state.EmergedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[21..], state.TrendedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[29..], state.QuietSince);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[37..], state.PeakScore);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[41..], state.PeakVelocity);
        for (var i = 0; i < state.SnapshotCount; i++)
        {
            var target = bytes[(Header + i * SnapshotSize)..];
            BinaryPrimitives.WriteInt64LittleEndian(target, state.Snapshots[i].At);
            BinaryPrimitives.WriteInt32LittleEndian(target[8..], state.Snapshots[i].Score);
            BinaryPrimitives.WriteInt32LittleEndian(target[12..], state.Snapshots[i].Comments);
        }

        return Header + state.SnapshotCount * SnapshotSize;
    }

    /// <returns>False for bytes that are no state of this version.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out SurgeState state)
    {
        state = default;
        if (bytes.Length < Header
            || bytes[0] != Version
            || bytes[1] > (byte)SurgePhase.Faded
            || bytes[4] > SurgeState.MostSnapshots
            || bytes.Length != Header + bytes[4] * SnapshotSize)
        {
            return false;
        }

        state.Phase = (SurgePhase)bytes[1];
        state.Hits = bytes[2];
        state.StrongHits = bytes[3];
        state.SnapshotCount = bytes[4];
        state.PhaseSince = BinaryPrimitives.ReadInt64LittleEndian(bytes[5..]);
        state.EmergedAt = BinaryPrimitives.ReadInt64LittleEndian(bytes[13..]);
        state.TrendedAt = BinaryPrimitives.ReadInt64LittleEndian(bytes[21..]);
        state.QuietSince = BinaryPrimitives.ReadInt64LittleEndian(bytes[29..]);
        state.PeakScore = BinaryPrimitives.ReadInt32LittleEndian(bytes[37..]);
        state.PeakVelocity = BinaryPrimitives.ReadSingleLittleEndian(bytes[41..]);
        for (var i = 0; i < state.SnapshotCount; i++)
        {
            var source = bytes[(Header + i * SnapshotSize)..];
            state.Snapshots[i] = new(
                BinaryPrimitives.ReadInt64LittleEndian(source),
                BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(source[12..]));
        }

        return true;
    }
}
