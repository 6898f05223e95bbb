using SignalFlow.Contracts;
using SignalFlow.Web.Components.Analytics;
using SignalFlow.Web.Components.Subreddits;

namespace SignalFlow.Tests.Web;

public sealed class AnalyticsFilterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 14, 7, 33, TimeSpan.Zero);

    [Theory]
    [InlineData("30m", "minute", "13:37 to 14:07")]
    [InlineData("1h", "minute", "13:07 to 14:07")]
    [InlineData("6h", "5min", "08:07 to 14:07")]
    [InlineData(null, "15min", "14:07 to 14:07")]
    [InlineData("7d", "hour", "14:07 to 14:07")]
    [InlineData("30d", "day", "14:07 to 14:07")]
    public void A_range_ends_now_and_has_some_dozens_of_buckets(string? range, string bucket, string expected)
    {
        var filter = AnalyticsFilter.Parse(range, null, null, null, Now);
        var window = filter.Window(Now);

        Assert.Empty(filter.Problems);
        Assert.Equal((bucket, expected, Now), (window.Bucket, $"{window.Start:HH:mm} to {window.End:HH:mm}", window.End));
        Assert.InRange((window.End - window.Start) / window.Step, 30, 200);
    }

    [Fact]
    public void Days_are_whole_ones_and_today_ends_now()
    {
        var past = AnalyticsFilter.Parse("custom", "2026-11-01", "2026-11-02", "r/Art, science,ART", Now);
        var present = AnalyticsFilter.Parse("24h", "2026-11-29", null, null, Now);

        Assert.Equal(
            (new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 11, 3, 0, 0, 0, TimeSpan.Zero)),
            (past.Window(Now).Start, past.Window(Now).End));
        Assert.Equal("/analytics?range=custom&from=2026-11-01&to=2026-11-02&subreddit=Art,science", Uri.UnescapeDataString(past.ToUri()));
        Assert.Equal(past, AnalyticsFilter.Parse("custom", "2026-11-01", "2026-11-02", "Art,science", Now) with { Problems = past.Problems });
        Assert.Equal((AnalyticsFilter.Custom, Now), (present.Range, present.Window(Now).End));
    }

    [Theory]
    [InlineData("year", null, null, "There is no range “year”; 24 hours are shown.")]
    [InlineData("custom", null, null, "A first day is missing.")]
    [InlineData("custom", "29.11.2026", null, "The first day must be written as YYYY-MM-DD.")]
    [InlineData("custom", "2026-11-02", "2026-11-01", "The first day must not be after the last one.")]
    [InlineData("custom", "2026-12-02", null, "The first day lies in the future.")]
    [InlineData("custom", "2026-12-02", "2026-12-03", "The first day lies in the future.")]
    [InlineData("custom", "2025-11-01", "2026-11-20", "At most 366 days can be shown.")]
    public void What_is_wrong_is_said_in_words_and_something_is_shown_all_the_same(string range, string? from, string? to, string problem)
    {
        var filter = AnalyticsFilter.Parse(range, from, to, null, Now);

        Assert.Equal([problem], filter.Problems);
        Assert.Equal("15min", filter.Window(Now).Bucket);
    }

    [Theory]
    [InlineData(5, "30m")]
    [InlineData(30, "30m")]
    [InlineData(31, "1h")]
    [InlineData(400, "24h")]
    [InlineData(100_000, "24h")]
    public void A_new_installation_is_looked_at_no_longer_than_it_has_posts(int minutes, string range) =>
        Assert.Equal(range, AnalyticsFilter.Parse(null, null, null, null, Now).Since(Now.AddMinutes(-minutes), Now).Range);

    [Fact]
    public void The_export_is_that_of_the_same_posts()
    {
        var filter = AnalyticsFilter.Parse("1h", null, null, "art,science", Now);

        Assert.Equal(
            "/api/posts/export?format=csv&start=2026-11-29T13:07:00Z&end=2026-11-29T14:07:33Z&subreddit=art,science",
            Uri.UnescapeDataString(filter.ExportUri("csv", filter.Window(Now))));
    }

    [Theory]
    [InlineData("30m", 167)]
    [InlineData("7d", 168)]
    public void A_heat_map_has_a_week_at_least(string range, int hours)
    {
        var window = AnalyticsFilter.Parse(range, null, null, null, Now).Window(Now);

        Assert.Equal(hours, (int)(window.End - window.StartOfHours).TotalHours);
        Assert.Equal(window.Start, window.StartOfWords);
    }

    [Fact]
    public void Long_ranges_have_words_of_their_last_month()
    {
        var window = AnalyticsFilter.Parse("custom", "2026-01-01", null, null, Now).Window(Now);

        Assert.Equal("day", window.Bucket);
        Assert.Equal((Now.AddDays(-31), Now.AddDays(-30)), (window.StartOfWords, window.StartOfHours));
    }

    [Theory]
    [InlineData("a", "", "One alone cannot be compared: add a second subreddit or term.")]
    [InlineData("a,b,c", "d,e,f", "At most 5 can be told apart on one axis: 6 are named. Leave some out.")]
    [InlineData("a,b", "", null)]
    [InlineData("", "Solar Panel, battery", null)]
    [InlineData("", "", null)]
    public void A_comparison_is_of_two_to_five(string subreddits, string terms, string? problem)
    {
        var comparison = Comparison.Parse(subreddits, terms, "none", "none");

        Assert.Equal(problem is null ? [] : [problem], comparison.Problems);
        Assert.Equal(("posts", "24h"), (comparison.Measure, comparison.Range));
    }

    [Fact]
    public void Ticked_boxes_and_a_text_are_the_same_comparison()
    {
        var comparison = Comparison.Parse(new(["r/art", "science"]), "Solar Panel,solar panel", "share", "7d");

        Assert.Equal(["art", "science"], comparison.Subreddits);
        Assert.Equal(["solar panel"], comparison.Terms);
        Assert.Equal("/compare?subreddits=art,science&terms=solar panel&measure=share&range=7d", Uri.UnescapeDataString(comparison.ToUri()));
    }

    [Theory]
    [InlineData("name", "a b c d")]
    [InlineData("posts", "c b a d")]
    [InlineData("usual", "b a c d")]
    [InlineData("sentiment", "a b c d")]
    [InlineData("last", "c a b d")]
    public void Subreddits_are_sorted_and_those_without_a_value_come_last(string sort, string expected)
    {
        SubredditOverview[] all =
        [
            Overview("a", 5, usual: 5, sentiment: 0.5, lastMinutes: 2), Overview("b", 7, usual: 3.5, sentiment: -0.5, lastMinutes: 3),
            Overview("c", 9, usual: null, sentiment: null, lastMinutes: 1), Overview("d", 0, usual: null, sentiment: null, lastMinutes: null),
        ];
        var filter = SubredditListFilter.Parse(null, null, sort, null);

        Assert.Equal(expected, string.Join(' ', filter.Apply(all).Select(one => one.Subreddit)));
        Assert.Equal("d", filter.SortedBy(sort).Apply(all)[sort is "name" or "posts" ? 0 : ^1].Subreddit);
        Assert.Equal(["c"], (filter with { Text = "r/C" }).Apply(all).Select(one => one.Subreddit));
    }

    [Theory]
    [InlineData("posts", null, "/subreddits?sort=posts&dir=asc")]
    [InlineData("posts", "asc", "/subreddits")]
    [InlineData("name", null, "/subreddits?sort=name&dir=desc")]
    public void A_column_that_is_sorted_by_goes_the_other_way_round(string sort, string? direction, string expected) =>
        Assert.Equal(expected, SubredditListFilter.Parse(null, null, sort, direction).SortedBy(sort).ToUri());

    internal static SubredditOverview Overview(string name, long posts, double? usual = null, double? sentiment = null, int? lastMinutes = null) => new()
    {
        Subreddit = name,
        Posts = posts,
        TrendingPosts = 1,
        AvgScore = 12.34,
        AvgComments = 2,
        AvgSentiment = sentiment,
        SentimentPosts = posts,
        UsualPosts = usual,
        LastPostAt = lastMinutes is { } minutes ? Posts.Now.AddMinutes(-minutes) : null,
        Observations = 3,
        Series = [new(Posts.Now.AddHours(-1), 0, null, 0), new(Posts.Now, posts, sentiment, 3)],
    };
}
