using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>Memory and handles of one process over the run.</summary>
internal sealed class ProcessSamples
{
    private const double Mebibyte = 1 << 20;

    // The runtime takes memory for small objects in regions of 4 MiB: one more, once, is no growth. In the middle of the samples such a step tilts the
    // line through them by one and a half of its height.
    private const double Step = 1.5 * 4;

    private readonly List<(double Hours, double Mebibytes, int Handles)> _samples = [];

    public void Add(TimeSpan since, long workingSet, int handles) => _samples.Add((since.TotalHours, workingSet / Mebibyte, handles));

    /// <summary>
    /// The line through the samples after <paramref name="from"/>, when caches are full, seldom called methods are compiled and the heap has touched its
    /// pages. Its slope is noise where what it adds up to is less than two standard deviations of the samples from it, or than a step of one region of the
    /// heap makes.
    /// </summary>
    public ProcessTrend Trend(TimeSpan from)
    {
        var samples = _samples.FindAll(sample => sample.Hours >= from.TotalHours);
        if (samples.Count < 3)
            return new(0, 0, 0, 0, 0, 0, IsLevel: true);
        var (hours, memory) = (samples.Average(sample => sample.Hours), samples.Average(sample => sample.Mebibytes));
        var slope = samples.Sum(sample => (sample.Hours - hours) * (sample.Mebibytes - memory)) / samples.Sum(sample => Math.Pow(sample.Hours - hours, 2));
        var spread = Math.Sqrt(samples.Average(sample => Math.Pow(sample.Mebibytes - memory - slope * (sample.Hours - hours), 2)));
        return new(
            Math.Round(samples[0].Mebibytes), Math.Round(samples[^1].Mebibytes), Math.Round(slope, 1), Math.Round(2 * spread, 1),
            samples[0].Handles, samples[^1].Handles,
            slope * (samples[^1].Hours - samples[0].Hours) <= Math.Max(2 * spread, Step));
    }
}

/// <param name="FirstMebibytes">When the line begins.</param>
/// <param name="LastMebibytes">In the end.</param>
/// <param name="Slope">Of memory, in mebibytes an hour.</param>
/// <param name="Noise">Two standard deviations, in mebibytes.</param>
/// <param name="FirstHandles">Open files and sockets.</param>
/// <param name="LastHandles">In the end.</param>
/// <param name="IsLevel">What the slope adds up to is within the noise, or less than a step of one region makes.</param>
internal sealed record ProcessTrend(
    [property: JsonPropertyName("first_mb")] double FirstMebibytes,
    [property: JsonPropertyName("last_mb")] double LastMebibytes,
    [property: JsonPropertyName("slope_mb_h")] double Slope,
    [property: JsonPropertyName("noise_mb")] double Noise,
    [property: JsonPropertyName("first_handles")] int FirstHandles,
    [property: JsonPropertyName("last_handles")] int LastHandles,
    bool IsLevel);
