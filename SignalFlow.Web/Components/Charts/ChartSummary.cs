namespace SignalFlow.Web.Components.Charts;

/// <summary>What a chart shows, in a sentence.</summary>
public static class ChartSummary
{
    /// <summary>"Posts per hour: 42 now, usual 30; highest 88 at Sat 28 Nov, 14:00 UTC."</summary>
    /// <param name="title">What the values are.</param>
    /// <param name="series">One line, or several to be compared.</param>
    /// <param name="format">Of the values.</param>
    /// <param name="step">Width of the buckets, if there are any.</param>
    /// <param name="usual">What is usual now.</param>
    public static string Of(string title, IReadOnlyList<ChartSeries> series, ValueFormat format, TimeSpan? step = null, double? usual = null)
    {
        var known = series.SelectMany(one => one.Points.Where(point => point.Value is not null).Select(point => (one.Name, Point: point))).ToList();
        if (known.Count == 0)
            return $"{title}: no data in this range.";
        if (known.TrueForAll(point => point.Point.Value == 0))
            return $"{title}: zero throughout.";

        var several = series.Count > 1;
        var highest = known.MaxBy(point => point.Point.Value);
        var latest = string.Join(", ", series.Select(one => Latest(one, format, several)).OfType<string>());
        var expected = usual is { } value ? $", usual {format.Exact(value)}" : "";
        var where = $"{(several ? $" ({highest.Name})" : "")} at {TimeAxis.Name(highest.Point.At, step)}";
        return $"{title}: {latest}{expected}; highest {format.Exact(highest.Point.Value!.Value)}{where}.";
    }

    /// <summary>"Share of posts: technology leads with 31.0 %, before science (20.1 %); 12 in all."</summary>
    public static string Of(string title, IReadOnlyList<RankItem> items, ValueFormat format) => items switch
    {
        [] => $"{title}: no data in this range.",
        [var only] => $"{title}: {only.Label} alone, with {format.Exact(only.Value)}.",
        [var first, var second, ..] =>
            $"{title}: {first.Label} leads with {format.Exact(first.Value)}, before {second.Label} with {format.Exact(second.Value)}; {items.Count} are listed.",
    };

    /// <summary>"Posts by hour: most on Monday at 14:00 UTC (42), fewest on Sunday at 03:00 UTC (1)."</summary>
    public static string Of(string title, IReadOnlyList<HeatCell> cells, ValueFormat format)
    {
        var known = cells.Where(cell => cell.Value is not null).ToList();
        if (known.Count == 0 || known.TrueForAll(cell => cell.Value == 0))
            return known.Count == 0 ? $"{title}: no data in this range." : $"{title}: zero throughout.";
        var (most, fewest) = (known.MaxBy(cell => cell.Value), known.MinBy(cell => cell.Value));
        return most.Value > fewest.Value ? $"{title}: most {Where(most)}, fewest {Where(fewest)}." : $"{title}: most {Where(most)}.";

        string Where(HeatCell cell) => $"on {HeatScale.Weekday(cell.Weekday)} at {HeatScale.Time(cell.Hour)} UTC ({format.Exact(cell.Value!.Value)})";
    }

    private static string? Latest(ChartSeries series, ValueFormat format, bool named)
    {
        for (var index = series.Points.Count - 1; index >= 0; index--)
        {
            if (series.Points[index].Value is not { } value)
                continue;
            return $"{(named ? series.Name + " " : "")}{format.Exact(value)} {(series.IsPartial(index) ? "so far" : "now")}";
        }

        return null;
    }
}
