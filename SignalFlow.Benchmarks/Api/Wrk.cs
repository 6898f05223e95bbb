using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SignalFlow.Benchmarks.Api;

/// <summary>Load as fast as the answers come, by wrk.</summary>
internal static partial class Wrk
{
    public const int Connections = 8;

    public static async Task<(double RequestsPerSecond, double P50Ms, double P99Ms, long Failed)> RunAsync(
        string address, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            "wrk", ["-t1", $"-c{Connections}", $"-d{duration.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s", "--latency", address])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (
            double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Milliseconds(output, "50%"),
            Milliseconds(output, "99%"),
            Refused().Match(output) is { Success: true } refused ? long.Parse(refused.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
    }

    private static double Milliseconds(string output, string percentile)
    {
        var match = Regex.Match(output, $@"{percentile}\s+([\d.]+)(us|ms|s)\b");
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => value / 1000, "s" => value * 1000, _ => value };
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Refused();
}
