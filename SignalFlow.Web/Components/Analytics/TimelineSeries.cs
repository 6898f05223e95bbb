using System.Globalization;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Charts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Analytics;

/// <summary>The API's figures as the charts take them. Where nobody has looked there is no value.</summary>
internal static class TimelineSeries
{
    public static ChartSeries Posts(string name, TimelineView timeline) =>
        Of(name, timeline, bucket => new(bucket.Start, bucket.Observed ? bucket.Posts : null));

    public static ChartSeries Score(string name, TimelineView timeline) =>
        Of(name, timeline, bucket => new(bucket.Start, bucket.AvgScore, Count(bucket.Posts)));

    public static ChartSeries Sentiment(string name, TimelineView timeline) =>
        Of(name, timeline, bucket => new(bucket.Start, bucket.AvgSentiment, Count(bucket.SentimentPosts)));

    /// <summary>Of all posts of the same bucket.</summary>
    public static ChartSeries Share(string name, TimelineView timeline, TimelineView all)
    {
        var posts = all.Results.ToDictionary(bucket => bucket.Start, bucket => bucket.Posts);
        return Of(name, timeline, bucket => new(
            bucket.Start, posts.GetValueOrDefault(bucket.Start) is var total and > 0 ? (double)bucket.Posts / total : null, Count(bucket.Posts)));
    }

    public static IReadOnlyList<HeatCell> Heat(TimelineView hours)
    {
        var seen = hours.Results.Where(bucket => bucket.Observed)
            .Select(bucket => (Weekday: ((int)bucket.Start.UtcDateTime.DayOfWeek + 6) % 7 + 1, bucket.Start.UtcDateTime.Hour)).ToHashSet();
        return [.. (hours.ByWeekHour ?? [])
            .Select(cell => new HeatCell(cell.Weekday, cell.Hour, seen.Contains((cell.Weekday, cell.Hour)) ? cell.Posts : null))];
    }

    /// <summary>"+0.12", with its sign also where it stands alone.</summary>
    public static string Mood(double sentiment) => Figures.Signed(sentiment, 2);

    private static string Count(long posts) => string.Create(CultureInfo.InvariantCulture, $"n = {posts}");

    private static ChartSeries Of(string name, TimelineView timeline, Func<TimelineBucket, ChartPoint> point) =>
        new(name, [.. timeline.Results.Select(point)]) { LastIsPartial = timeline.Results is [.., { Partial: true }] };
}
