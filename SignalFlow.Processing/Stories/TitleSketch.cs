using System.Runtime.Intrinsics;

namespace SignalFlow.Processing.Stories;

/// <summary>
/// MinHash (Broder, "On the resemblance and containment of documents", 1997): of 64 hash functions the least value over all shingles of four
/// characters. The share of equal values of two titles estimates the Jaccard similarity of their shingles, with a standard error of at most 0.06.
/// </summary>
internal static class TitleSketch
{
    public const int Hashes = 64;
    public const int Bands = 16;
    public const int ShingleLength = 4;

    private const int Rows = Hashes / Bands;
    private const int Lanes = 8;

    private static readonly uint[] Factors = Constants(0x9E3779B97F4A7C15, odd: true);
    private static readonly uint[] Offsets = Constants(0xD1B54A32D192ED03, odd: false);

    /// <param name="text">At least four characters.</param>
    /// <param name="minima">64 values.</param>
    public static void Write(ReadOnlySpan<char> text, Span<uint> minima)
    {
        minima.Fill(uint.MaxValue);
        for (var i = 0; i + ShingleLength <= text.Length; i++)
        {
            var block = text[i] | ((ulong)text[i + 1] << 16) | ((ulong)text[i + 2] << 32) | ((ulong)text[i + 3] << 48);
            block *= 0xFF51AFD7ED558CCD;
            var shingle = Vector256.Create((uint)((block ^ (block >> 32)) * 0xC4CEB9FE1A85EC53 >> 32));
            for (var lane = 0; lane < Hashes; lane += Lanes)
            {
                var hash = (Vector256.Create(Factors.AsSpan(lane, Lanes)) * shingle) + Vector256.Create(Offsets.AsSpan(lane, Lanes));
                Vector256.Min(hash, Vector256.Create<uint>(minima.Slice(lane, Lanes))).CopyTo(minima[lane..]);
            }
        }
    }

    /// <summary>Titles that agree in a band are worth comparing: at a similarity of 0.7 they agree in one of the 16 with a probability of 0.99.</summary>
    public static ulong Band(ReadOnlySpan<uint> minima, int band)
    {
        var hash = (ulong)band + 1;
        foreach (var minimum in minima.Slice(band * Rows, Rows))
        {
            hash = (hash ^ minimum) * 0xFF51AFD7ED558CCD;
            hash ^= hash >> 32;
        }

        return hash;
    }

    /// <summary>The low byte of each value: a quarter of the room; one of 256 different values is taken for equal.</summary>
    public static void Compress(ReadOnlySpan<uint> minima, Span<byte> bytes)
    {
        for (var i = 0; i < Hashes; i++)
            bytes[i] = (byte)minima[i];
    }

    /// <summary>The estimated Jaccard similarity, freed of the bytes that are equal by chance.</summary>
    public static double Similarity(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var equal = Vector256.Equals(Vector256.Create(a[..32]), Vector256.Create(b[..32])).ExtractMostSignificantBits();
        var more = Vector256.Equals(Vector256.Create(a.Slice(32, 32)), Vector256.Create(b.Slice(32, 32))).ExtractMostSignificantBits();
        var share = (double)(uint.PopCount(equal) + uint.PopCount(more)) / Hashes;
        return Math.Max(0, (share - (1.0 / 256)) / (1 - (1.0 / 256)));
    }

    private static uint[] Constants(ulong seed, bool odd)
    {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        var constants = new uint[Hashes];
        for (var i = 0; i < Hashes; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            var z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            constants[i] = (uint)(z >> 32) | (odd ? 1u : 0u);
        }

        return constants;
    }
}
