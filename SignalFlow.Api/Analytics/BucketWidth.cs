namespace SignalFlow.Api.Analytics;

/// <summary>A width of the timeline's buckets, with how many of them one answer may have.</summary>
/// <param name="Name">As the parameter is written.</param>
/// <param name="Step">The width.</param>
/// <param name="Most">Buckets.</param>
/// <param name="Usual">Buckets where no start is given.</param>
internal sealed record BucketWidth(string Name, TimeSpan Step, int Most, int Usual)
{
    public static readonly BucketWidth Minute = new("minute", TimeSpan.FromMinutes(1), 6 * 60, 60);
    public static readonly BucketWidth FiveMinutes = new("5min", TimeSpan.FromMinutes(5), 48 * 12, 6 * 12);
    public static readonly BucketWidth QuarterHour = new("15min", TimeSpan.FromMinutes(15), 48 * 4, 24 * 4);
    public static readonly BucketWidth Hour = new("hour", TimeSpan.FromHours(1), 24 * 31, 24 * 7);
    public static readonly BucketWidth Day = new("day", TimeSpan.FromDays(1), 366, 30);

    private static readonly BucketWidth[] All = [Minute, FiveMinutes, QuarterHour, Hour, Day];

    /// <summary>Rollups have it; finer buckets are counted from the posts.</summary>
    public bool IsRolledUp => this == Hour || this == Day;

    public static BucketWidth Named(string? name) => Array.Find(All, width => width.Name == name) ?? Hour;

    /// <summary>"6 hours with bucket=minute".</summary>
    public string Limit => Step * Most is var span && this == Day ? $"{span.TotalDays} days with bucket=day" : $"{span.TotalHours} hours with bucket={Name}";
}
