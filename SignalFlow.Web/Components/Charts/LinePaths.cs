using System.Text;

namespace SignalFlow.Web.Components.Charts;

/// <summary>A line as drawn: what is certain, what is not over, and points that stand alone.</summary>
/// <param name="Solid">Path data; empty where there is no line.</param>
/// <param name="Partial">From the last certain point to the one that is not over.</param>
/// <param name="Alone">Points without neighbours, which no line shows.</param>
/// <param name="Open">The point that is not over.</param>
internal sealed record LinePaths(string Solid, string Partial, IReadOnlyList<(double Along, double Up)> Alone, (double Along, double Up)? Open)
{
    /// <param name="series">The line.</param>
    /// <param name="along">The axis of time.</param>
    /// <param name="up">The axis of values.</param>
    /// <param name="longest">Points that lie further apart have a gap between them.</param>
    public static LinePaths Of(ChartSeries series, TimeAxis along, Axis up, TimeSpan? longest)
    {
        var solid = new StringBuilder();
        var partial = "";
        var alone = new List<(double, double)>();
        (double, double)? open = null;
        ChartPoint? last = null;
        var (run, runStart) = (0, 0);
        for (var index = 0; index < series.Points.Count; index++)
        {
            var point = series.Points[index];
            if (point.Value is null || point.At - last?.At > longest)
                End();
            if (point.Value is null)
                continue;
            if (series.IsPartial(index))
            {
                open = Place(point);
                if (last is { } before)
                    partial = $"M{Text(before)}L{Text(point)}";
                break;
            }

            if (run == 0)
                runStart = solid.Length;
            solid.Append(run++ == 0 ? 'M' : 'L').Append(Text(point));
            last = point;
        }

        End();
        return new(solid.ToString(), partial, alone, open);

        void End()
        {
            if (run == 1)
            {
                alone.Add(Place(last!.Value));
                solid.Length = runStart;
            }

            (run, last) = (0, null);
        }

        (double, double) Place(ChartPoint point) => (along.Position(point.At), up.Position(point.Value!.Value));

        string Text(ChartPoint point) => Coordinates.Place(along.Position(point.At), up.Position(point.Value!.Value));
    }

    /// <summary>Closed areas between the two edges; where one is not known there is none.</summary>
    public static string Band(ChartBand band, TimeAxis along, Axis up)
    {
        var path = new StringBuilder();
        var run = new List<BandPoint>();
        foreach (var point in band.Points)
        {
            if (point is { Low: not null, High: not null })
                run.Add(point);
            else
                Close();
        }

        Close();
        return path.ToString();

        void Close()
        {
            if (run.Count > 1)
            {
                path.Append('M').AppendJoin('L', run.Select(point => Coordinates.Place(along.Position(point.At), up.Position(point.High!.Value))));
                run.Reverse();
                path.Append('L').AppendJoin('L', run.Select(point => Coordinates.Place(along.Position(point.At), up.Position(point.Low!.Value)))).Append('Z');
            }

            run.Clear();
        }
    }
}
