using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Bunit;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Web.Components.Charts;

namespace SignalFlow.Tests.Web;

public sealed partial class ChartTests : BunitContext
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_line_breaks_where_nothing_is_known_and_lies_on_the_ground_where_nothing_is()
    {
        var chart = Lines(Series("Posts", 4, 0, null, 2, null, 3, 1));

        Assert.Equal("M0 0L166.7 1000M833.3 250L1000 750", chart.Find(".chart-line").GetAttribute("d"));
        Assert.Equal("50%", Assert.Single(chart.FindAll(".chart-alone")).GetAttribute("cx"));
        Assert.Empty(chart.FindAll(".chart-nothing"));
    }

    [Fact]
    public void The_line_to_a_time_that_is_not_over_is_another_one()
    {
        var chart = Lines(Series("Posts", 4, 2, 1) with { LastIsPartial = true });

        Assert.Equal("M0 0L500 500", chart.Find(".chart-line").GetAttribute("d"));
        Assert.Equal("M500 500L1000 750", chart.Find(".chart-line-partial").GetAttribute("d"));
        Assert.Equal("1, so far", chart.FindAll(".chart-readout em")[^1].TextContent);
        Assert.Single(chart.FindAll(".chart-open"));
    }

    [Fact]
    public void Points_that_lie_too_far_apart_have_a_gap_between_them()
    {
        ChartPoint[] points = [new(Noon, 1), new(Noon + Hour, 1), new(Noon + 5 * Hour, 1), new(Noon + 6 * Hour, 1)];

        var chart = Render<LineChart>(chart => chart
            .Add(it => it.Id, "c").Add(it => it.Label, "Score").Add(it => it.Format, ValueFormat.Score)
            .Add(it => it.Series, [new("Score", points)]).Add(it => it.LongestGap, 2 * Hour));

        Assert.Equal(2, chart.Find(".chart-line").GetAttribute("d")!.Count(letter => letter == 'M'));
    }

    [Fact]
    public void Without_data_it_says_so_and_there_is_nothing_to_point_at()
    {
        var chart = Lines(Series("Posts", null, null));

        Assert.Equal("No data in this range", chart.Find(".chart-nothing").TextContent);
        Assert.Empty(chart.FindAll(".chart-hit"));
    }

    [Fact]
    public void Every_place_tells_the_values_of_all_series_and_the_keyboard_walks_through_them()
    {
        var chart = Lines(Series("technology", 1_234, null), Series("science", 8, 9));

        Assert.Equal(
            ["Sat 28 Nov, 12:00 UTC technology 1,234 science 8", "Sat 28 Nov, 13:00 UTC science 9"],
            chart.FindAll(".chart-readout").Select(Text));
        // One group of radio buttons is one tab stop.
        Assert.Equal("radiogroup", chart.Find(".chart-hits").GetAttribute("role"));
        Assert.Single(chart.FindAll(".chart-hit input[type=radio]").Select(input => input.GetAttribute("name")).Distinct());
        Assert.Equal("left:0%;width:50%;--at:0%", chart.Find(".chart-hit").GetAttribute("style"));
    }

    [Fact]
    public void Lines_differ_by_more_than_colour_and_have_names()
    {
        var chart = Lines([.. Enumerable.Range(1, 5).Select(number => Series($"s{number}", number, number))]);

        Assert.Equal(["s1", "s2", "s3", "s4", "s5"], chart.FindAll(".chart-legend li").Select(Text));
        var css = Css();
        Assert.Equal(5, Enumerable.Range(1, 5)
            .Select(number => Regex.Match(css, $@"\.series-{number} \{{.*--dash: ([^;]+);").Groups[1].Value).Distinct().Count());
    }

    [Fact]
    public void The_band_the_markers_and_the_axes_are_there_with_unit_and_time_zone()
    {
        var chart = Render<LineChart>(chart => chart
            .Add(it => it.Id, "c").Add(it => it.Label, "Posts per hour").Add(it => it.Format, ValueFormat.Posts).Add(it => it.Step, Hour)
            .Add(it => it.Series, [Series("Posts", 1_500, 2_000)])
            .Add(it => it.Band, new("Usual", [new(Noon, 10, 20), new(Noon + Hour, 10, 20)]))
            .Add(it => it.Markers, [new(Noon + Hour / 2, "surge"), new(Noon.AddDays(-1), "long ago")]));

        Assert.Equal("M0 990L1000 990L1000 995L0 995Z", chart.Find(".chart-band").GetAttribute("d"));
        Assert.Equal("surge", Assert.Single(chart.FindAll(".chart-marker")).TextContent.Trim());
        Assert.Equal("posts times in UTC", string.Join(' ', chart.FindAll(".chart-axes span").Select(Text)));
        Assert.Equal(["0", "500", "1k", "1.5k", "2k"], chart.FindAll(".chart-tick-value").Select(Text));
        Assert.Equal("Sat 28 Nov, 12:00 UTC Posts 1,500 Usual 10 to 20", Text(chart.Find(".chart-readout")));
    }

    [Fact]
    public void Bars_stand_on_zero_and_the_one_that_is_not_over_is_hatched()
    {
        var chart = Render<BarChart>(chart => chart
            .Add(it => it.Id, "b").Add(it => it.Label, "Posts").Add(it => it.Format, ValueFormat.Posts).Add(it => it.Step, Hour)
            .Add(it => it.Bars, Series("Posts", 4, null, 0, 1) with { LastIsPartial = true }));

        var bars = chart.FindAll("rect.chart-bar, rect.chart-bar-partial");
        Assert.Equal(["100%", "0%", "25%"], bars.Select(bar => bar.GetAttribute("height")));
        Assert.Equal([null, null, "url(#b-hatch)"], bars.Select(bar => bar.GetAttribute("fill")));
        Assert.Equal("b-hatch", chart.Find("pattern").Id);
        Assert.Equal("left:75%;width:25%;--at:50%", chart.FindAll(".chart-hit")[^1].GetAttribute("style"));
    }

    [Fact]
    public void A_sparkline_says_in_words_what_it_shows()
    {
        var line = Render<Sparkline>(line => line
            .Add(it => it.Label, "Posts per hour").Add(it => it.Points, Points(3, 42, null, 7, 1)).Add(it => it.LastIsPartial, true));

        Assert.Equal("Posts per hour: 1 to 42, 1 so far", line.Find("svg[role=img]").GetAttribute("aria-label"));
        Assert.Equal("M0 87.7L25 6M75 79.3h0.1", line.Find(".sparkline-line").GetAttribute("d"));
        Assert.Equal("M75 79.3L100 91.9", line.Find(".sparkline-partial").GetAttribute("d"));
        Assert.Equal(
            "Posts per hour: no data",
            Render<Sparkline>(line => line.Add(it => it.Label, "Posts per hour").Add(it => it.Points, [])).Find("svg").GetAttribute("aria-label"));
    }

    [Fact]
    public void Ranked_bars_are_shares_of_the_highest_with_exact_values()
    {
        var chart = Render<RankBars>(chart => chart
            .Add(it => it.Label, "Keywords").Add(it => it.Format, ValueFormat.Posts)
            .Add(it => it.Items, [new("battery", 2_000) { Href = "/?q=battery" }, new("range", 500) { Note = "+0.20" }]));

        Assert.Equal(["battery 2k", "range 500 +0.20"], chart.FindAll("li").Select(Cells));
        Assert.Equal(["100%", "25%"], chart.FindAll("rect").Select(bar => bar.GetAttribute("width")));
        Assert.Equal("2,000 posts", chart.Find(".rank-value").GetAttribute("title"));
        Assert.Equal("/?q=battery", chart.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void A_heat_map_has_a_cell_for_each_hour_of_the_week_and_tells_none_from_zero()
    {
        HeatCell[] cells = [.. Enumerable.Range(0, 168).Select(cell => new HeatCell(cell / 24 + 1, cell % 24, cell == 0 ? null : cell - 1))];

        var chart = Render<HeatMap>(chart => chart.Add(it => it.Label, "Posts").Add(it => it.Format, ValueFormat.Posts).Add(it => it.Cells, cells));

        var drawn = chart.FindAll("rect.heat-cell");
        Assert.Equal(168, drawn.Count);
        Assert.Equal(["heat-cell heat-none", "heat-cell heat-0", "heat-cell heat-1"], drawn.Take(3).Select(cell => cell.ClassName));
        Assert.Equal("heat-cell heat-5", drawn[^1].ClassName);
        Assert.Equal("Sunday 23:00 UTC: 166 posts", Text(drawn[^1].QuerySelector("title")!));
        Assert.Contains(
            "Posts: most on Sunday at 23:00 UTC (166), fewest on Monday at 01:00 UTC (0).", ChartSummary.Of("Posts", cells, ValueFormat.Posts),
            StringComparison.Ordinal);
        Assert.Equal(
            ["00:00", "no data", "23"],
            [ChartTable.Of("Posts", cells, ValueFormat.Posts).Rows[0].Header, .. ChartTable.Of("Posts", cells, ValueFormat.Posts).Rows[0].Cells.Take(2)]);
    }

    [Fact]
    public void The_frame_has_the_sentence_and_the_table()
    {
        ChartSeries[] series = [Series("Posts", 4, null, 1) with { LastIsPartial = true }];

        var frame = Render<ChartFrame>(frame => frame
            .Add(it => it.Id, "volume").Add(it => it.Title, "Posts per hour")
            .Add(it => it.Summary, ChartSummary.Of("Posts per hour", series, ValueFormat.Posts, Hour, usual: 30))
            .Add(it => it.Table, ChartTable.Of("Posts per hour", series, ValueFormat.Posts, Hour))
            .Add(it => it.ChildContent, "<p>chart</p>"));

        Assert.Equal("Posts per hour: 1 so far, usual 30; highest 4 at Sat 28 Nov, 12:00 UTC.", Text(frame.Find(".chart-summary")));
        Assert.Equal("volume-title", frame.Find("figure").GetAttribute("aria-labelledby"));
        Assert.Equal("Posts per hour (posts)", Text(frame.Find("details table caption")));
        Assert.Equal(["Time (UTC)", "Posts"], frame.FindAll("thead th[scope=col]").Select(Text));
        Assert.Equal(
            ["Sat 28 Nov, 12:00 UTC 4", "Sat 28 Nov, 13:00 UTC no data", "Sat 28 Nov, 14:00 UTC 1, so far"],
            frame.FindAll("tbody tr").Select(Cells));
    }

    [Theory]
    [InlineData("Score: no data in this range.")]
    [InlineData("Score: zero throughout.", 0.0, 0.0)]
    [InlineData("Score: 2.5 now; highest 3.0 at Sat 28 Nov, 12:00 UTC.", 3.0, 2.5)]
    public void The_sentence_tells_nothing_from_zero(string expected, params double[] values) => Assert.Equal(
        expected,
        ChartSummary.Of("Score", [Series("Score", [.. values.Select(value => (double?)value)])], ValueFormat.Score));

    [Fact]
    public void The_sentence_of_several_lines_names_them() => Assert.Equal(
        "Posts: a 1 now, b 2 now; highest 7 (b) at Sat 28 Nov, 12:00 UTC.",
        ChartSummary.Of("Posts", [Series("a", 3, 1), Series("b", 7, 2)], ValueFormat.Posts));

    [Fact]
    public void Every_colour_of_a_line_stands_out_from_the_surface_in_both_themes()
    {
        var colours = SeriesColours().Matches(Css());
        Assert.Equal(5, colours.Count);
        foreach (Match colour in colours)
        {
            Assert.InRange(Contrast(colour.Groups["light"].Value, "ffffff"), 3, 21);
            Assert.InRange(Contrast(colour.Groups["dark"].Value, "10161e"), 3, 21);
        }
    }

    private IRenderedComponent<LineChart> Lines(params ChartSeries[] series) => Render<LineChart>(chart => chart
        .Add(it => it.Id, "c").Add(it => it.Label, "Posts per hour").Add(it => it.Format, ValueFormat.Posts)
        .Add(it => it.Step, Hour).Add(it => it.Series, series));

    private static ChartSeries Series(string name, params double?[] values) => new(name, Points(values));

    private static ChartPoint[] Points(params double?[] values) => [.. values.Select((value, index) => new ChartPoint(Noon + index * Hour, value))];

    private static string Text(IElement element) => Spaces().Replace(element.TextContent, " ").Trim();

    private static string Cells(IElement row) => string.Join(' ', row.Children.Select(Text).Where(text => text.Length > 0));

    private static string Css() => File.ReadAllText(Path.Combine(Checkout.Folder, "SignalFlow.Web", "wwwroot", "charts.css"));

    private static double Contrast(string one, string other)
    {
        var (light, dark) = (Luminance(one), Luminance(other));
        return (Math.Max(light, dark) + 0.05) / (Math.Min(light, dark) + 0.05);
    }

    private static double Luminance(string colour)
    {
        double[] parts = [.. Enumerable.Range(0, 3).Select(part =>
            Linear(int.Parse(colour.AsSpan(part * 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0))];
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];

        static double Linear(double part) => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex(@"--series-\d: light-dark\(#(?<light>[0-9a-f]{6}), #(?<dark>[0-9a-f]{6})\)")]
    private static partial Regex SeriesColours();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
