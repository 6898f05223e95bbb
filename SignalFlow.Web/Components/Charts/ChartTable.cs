namespace SignalFlow.Web.Components.Charts;

/// <summary>A chart's values as a table: exact, with units.</summary>
/// <param name="Caption">What the values are.</param>
/// <param name="Columns">Headers, the first over the row headers.</param>
/// <param name="Rows">In the order of the chart.</param>
public sealed record ChartTable(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<ChartTableRow> Rows)
{
    private const string None = "no data";

    /// <summary>A row for each time, a column for each series and each edge of the band.</summary>
    public static ChartTable Of(string caption, IReadOnlyList<ChartSeries> series, ValueFormat format, TimeSpan? step = null, ChartBand? band = null)
    {
        var points = series
            .Select(one => one.Points.Select((point, index) => (point, index))
                .ToLookup(point => point.point.At, point => Cell(one, point.point, point.index, format)))
            .ToList();
        var edges = (band?.Points ?? []).ToLookup(point => point.At);
        var times = series.SelectMany(one => one.Points.Select(point => point.At)).Concat(edges.Select(edge => edge.Key)).Distinct().Order();
        var rows = times.Select(at => new ChartTableRow(TimeAxis.Name(at, step),
        [
            .. points.Select(one => one[at].FirstOrDefault() ?? None),
            .. band is null ? [] : new[] { Edge(at, edge => edge.Low), Edge(at, edge => edge.High) },
        ]));
        return new(
            Captioned(caption, format),
            ["Time (UTC)", .. series.Select(one => one.Name), .. band is null ? [] : new[] { band.Name + ", low", band.Name + ", high" }],
            [.. rows]);

        string Edge(DateTimeOffset at, Func<BandPoint, double?> choose) =>
            edges[at].Select(choose).FirstOrDefault() is { } value ? format.Exact(value) : None;
    }

    public static ChartTable Of(string caption, string what, IReadOnlyList<RankItem> items, ValueFormat format)
    {
        var noted = items.Any(item => item.Note is not null);
        return new(
            Captioned(caption, format),
            noted ? [what, "Value", "Note"] : [what, "Value"],
            [.. items.Select(item => new ChartTableRow(item.Label, noted ? [format.Exact(item.Value), item.Note ?? ""] : [format.Exact(item.Value)]))]);
    }

    /// <summary>A row for each hour, a column for each weekday.</summary>
    public static ChartTable Of(string caption, IReadOnlyList<HeatCell> cells, ValueFormat format)
    {
        var values = cells.ToDictionary(cell => (cell.Weekday, cell.Hour), cell => cell.Value);
        return new(
            Captioned(caption, format),
            ["Hour (UTC)", .. Enumerable.Range(1, 7).Select(HeatScale.Weekday)],
            [
                .. Enumerable.Range(0, 24).Select(hour => new ChartTableRow(
                    HeatScale.Time(hour),
                    [.. Enumerable.Range(1, 7).Select(day => values.GetValueOrDefault((day, hour)) is { } value ? format.Exact(value) : None)])),
            ]);
    }

    /// <summary>The value with what must be known of it.</summary>
    internal static string Cell(ChartSeries series, ChartPoint point, int index, ValueFormat format) => point.Value is { } value
        ? string.Join(", ", new[] { format.Exact(value), point.Note, series.IsPartial(index) ? "so far" : null }.OfType<string>())
        : None;

    private static string Captioned(string caption, ValueFormat format) => format.Unit.Length == 0 || format.Percent ? caption : $"{caption} ({format.Unit})";
}

public sealed record ChartTableRow(string Header, IReadOnlyList<string> Cells);
