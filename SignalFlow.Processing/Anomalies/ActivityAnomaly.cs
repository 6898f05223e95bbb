using System.Globalization;

namespace SignalFlow.Processing.Anomalies;

internal enum ActivityLevel : byte
{
    /// <summary>Less than two days of history, or too little activity to tell.</summary>
    Unknown,

    Usual,

    Loud,

    /// <summary>Perhaps not the subreddit but what reads it: it may be private, or reading it fails.</summary>
    Quiet,
}

/// <summary>What a count was compared with.</summary>
internal enum ActivityBaselineKind : byte
{
    None,

    /// <summary>Less than two weeks of history.</summary>
    HourOfDay,

    HourOfWeek,
}

/// <summary>Posts or comments of a subreddit in the hours up to <paramref name="Hour"/>, and what is usual.</summary>
/// <param name="Hour">The beginning of the last hour.</param>
/// <param name="Hours">How many hours the count is of: 1, or more where one hour of silence says nothing.</param>
/// <param name="Usual">The median of comparable hours.</param>
/// <param name="Deviations">How many robust standard deviations the count is from the median.</param>
/// <param name="Samples">Comparable hours.</param>
internal sealed record ActivityAnomaly(
    string Key, DateTimeOffset Hour, int Hours, int Count, double Usual, double Deviations, int Samples, ActivityBaselineKind Baseline, ActivityLevel Level)
{
    /// <summary>"golang: 48 in an hour instead of 12 (same hours of the week, 6 samples)".</summary>
    public string Reason => string.Create(
        CultureInfo.InvariantCulture,
        $"{Key}: {Count} in {(Hours == 1 ? "an hour" : $"{Hours} hours")} instead of {Usual:0.#} ({Describe(Baseline)}, {Samples} samples)");

    private static string Describe(ActivityBaselineKind kind) => kind switch
    {
        ActivityBaselineKind.HourOfWeek => "same hours of the week",
        ActivityBaselineKind.HourOfDay => "same hours of the day, less than two weeks of history",
        ActivityBaselineKind.None => "no baseline yet",
        _ => kind.ToString(),
    };
}
