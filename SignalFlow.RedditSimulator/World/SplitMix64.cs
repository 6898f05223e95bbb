namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// The generator behind everything in the world: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// OOPSLA 2014; constants of Stafford's variant 13). A value type: two copies of one state draw the same numbers.
/// </summary>
/// <remarks>System.Random promises no stable sequence between releases; posts must keep their titles over restarts and upgrades.</remarks>
internal struct SplitMix64(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = state;

    /// <summary>Mixes a key with one more component; the way all seeds of the world are derived.</summary>
    public static ulong Mix(ulong key, ulong component) => Finish(key + Golden * (component + 1));

    /// <summary>Mixes a key with a text, independent of the process (string.GetHashCode is not).</summary>
    public static ulong Mix(ulong key, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            key = Mix(key, c);

        return Mix(key, (ulong)text.Length);
    }

    /// <summary>A number in [0, 1) that belongs to a key.</summary>
    public static double Fraction(ulong key) => ToFraction(Finish(key + Golden));

    public ulong Next() => Finish(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextFraction() => ToFraction(Next());

    /// <summary>Uniform in [0, bound); the bias of the multiplication is below 2^-32 for the small bounds used here.</summary>
    public int NextInt(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>Uniform in [low, high).</summary>
    public double NextBetween(double low, double high) => low + (high - low) * NextFraction();

    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller).</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextFraction()));
        return radius * Math.Cos(2 * Math.PI * NextFraction());
    }

    private static double ToFraction(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static ulong Finish(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
