namespace SignalFlow.Storage.Alerts;

/// <summary>What a rule looks for. The last four are also the kinds of <see cref="SignalEvent"/>.</summary>
public static class AlertKinds
{
    public const string Query = "query";
    public const string Volume = "volume";
    public const string Author = "author";
    public const string Surge = "surge";
    public const string TermBurst = "term_burst";
    public const string SentimentShift = "sentiment_shift";
    public const string Anomaly = "anomaly";

    public static IReadOnlyList<string> All { get; } = [Query, Volume, Author, Surge, TermBurst, SentimentShift, Anomaly];

    public static bool IsEvent(string kind) => kind is Surge or TermBurst or SentimentShift or Anomaly;
}

/// <summary>How much has to happen before a rule fires.</summary>
public static class AlertSensitivity
{
    public const string Low = "low";
    public const string Medium = "medium";
    public const string High = "high";

    public static IReadOnlyList<string> All { get; } = [Low, Medium, High];

    /// <summary>Of an event, unless the rule says otherwise. A surge is told in times the typical, the others in standard deviations.</summary>
    public static double LeastStrength(string kind, string sensitivity) => (kind, sensitivity) switch
    {
        (AlertKinds.Surge, Low) => 8,
        (AlertKinds.Surge, Medium) => 5,
        (_, Low) => 6,
        (_, Medium) => 4,
        _ => 3,
    };

    /// <summary>Posts an hour below which no volume is worth an alert.</summary>
    public static int LeastVolume(string sensitivity) => sensitivity switch
    {
        Low => 10,
        Medium => 5,
        _ => 3,
    };
}
