using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>What a run has shown. Its JSON is the last line of the output.</summary>
internal sealed record IngestReport
{
    public required string Scenario { get; init; }
    public required double Hours { get; init; }
    public required int Seed { get; init; }

    /// <summary>After the warm-up.</summary>
    public required double RequestsPerMin { get; init; }

    /// <summary>With outages: of those that Reddit still shows at the end.</summary>
    public required int Missed { get; init; }

    /// <summary>Of the fast tier: from the moment a post could be seen to its first observation.</summary>
    public required double DelayP95S { get; init; }

    /// <summary>Share of all refreshes that came within 20 % of their interval; those that never came count.</summary>
    public required double OnTimePct { get; init; }

    /// <summary>Missed posts that were removed or deleted before the end.</summary>
    public required int MissedGone { get; init; }

    public required int PeakMinute { get; init; }
    public required int RequestsTotal { get; init; }
    public required IReadOnlyDictionary<string, int> RequestsByKind { get; init; }
    public required IReadOnlyDictionary<string, int> FailedByStatus { get; init; }
    public required int Posts { get; init; }
    public required int Refreshes { get; init; }
    public required int RefreshesNeverCame { get; init; }
    public required int Removals { get; init; }
    public required int RawTwice { get; init; }
    public required int RefreshBeforeRaw { get; init; }
    public required double DelayP50S { get; init; }
    public required double DelayMaxS { get; init; }
    public required double MediumDelayP95S { get; init; }
    public required double SlowDelayP95S { get; init; }
    public required double WallS { get; init; }
    public required double CpuS { get; init; }

    [JsonIgnore]
    public IReadOnlyList<string> MissedExamples { get; init; } = [];

    [JsonIgnore]
    public IReadOnlyList<HourReport> ByHour { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, IngestJsonContext.Default.IngestReport);

    public void Print(TextWriter output)
    {
        Line($"{Scenario}, {Hours:0.##} simulated hours, seed {Seed}: {WallS:F0} s, {CpuS:F0} s of CPU");
        Line($"requests/min  {RequestsPerMin:F1} after 10 min, peak minute {PeakMinute}, {RequestsTotal:N0} in all ({Join(RequestsByKind)})");
        if (FailedByStatus.Count > 0)
            Line($"failed        {Join(FailedByStatus)}");
        Line($"posts         {Posts:N0} became visible, {Missed:N0} missed, {Removals:N0} seen to be removed");
        if (MissedGone > 0)
            Line($"              {MissedGone:N0} missed ones are gone since");
        Line($"delay         fast P50 {DelayP50S:F1} s, P95 {DelayP95S:F1} s, longest {DelayMaxS:F1} s");
        Line($"              medium P95 {MediumDelayP95S:F1} s, slow P95 {SlowDelayP95S:F1} s");
        Line($"refreshes     {Refreshes:N0} came, {RefreshesNeverCame:N0} did not, {OnTimePct:F2} % on time");
        Line($"violations    {RawTwice:N0} posts published as new twice, {RefreshBeforeRaw:N0} refreshed before that");
        foreach (var hour in ByHour)
            Line($"hour {hour.Hour,-8} {hour.Requests,5:N0} requests, {hour.Missed:N0} missed, P95 {hour.DelayP95S:F1} s, {hour.OnTimePct:F1} % on time");
        foreach (var example in MissedExamples)
            Line($"missed        {example}");

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static string Join(IReadOnlyDictionary<string, int> counts) => string.Join(
        ", ",
        counts.OrderByDescending(count => count.Value)
            .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key} {count.Value:N0}")));
}

/// <summary>The same of one simulated hour; a refresh counts in the hour in which it came.</summary>
internal readonly record struct HourReport(int Hour, int Requests, int Missed, double DelayP95S, double OnTimePct);

[JsonSerializable(typeof(IngestReport))]
[JsonSerializable(typeof(PlannerReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class IngestJsonContext : JsonSerializerContext;
