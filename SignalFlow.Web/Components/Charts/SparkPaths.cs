using System.Globalization;
using System.Text;

namespace SignalFlow.Web.Components.Charts;

/// <summary>The line of a sparkline in a square of 100, from the smallest value (or zero) to the largest.</summary>
internal sealed record SparkPaths(string Solid, string Partial)
{
    // Half a line's width stays free above and below.
    private const double Top = 6;
    private const double Height = 88;

    public static SparkPaths Of(IReadOnlyList<ChartPoint> points, bool lastIsPartial)
    {
        var low = Math.Min(0, points.Min(point => point.Value) ?? 0);
        var span = Math.Max(0, points.Max(point => point.Value) ?? 0) - low;
        var start = points[0].At;
        var length = points[^1].At - start;
        var certain = lastIsPartial ? points.Count - 1 : points.Count;
        var solid = new StringBuilder();
        var inRun = false;
        for (var index = 0; index < certain; index++)
        {
            if (points[index].Value is { } value)
                solid.Append(inRun ? 'L' : 'M').Append(Place(points[index], value)).Append(Lonely(index) ? "h0.1" : "");
            inRun = points[index].Value is not null;
        }

        var partial = (lastIsPartial, points[^1].Value, certain > 0 ? points[^2].Value : null) switch
        {
            (true, { } last, { } before) => $"M{Place(points[^2], before)}L{Place(points[^1], last)}",
            (true, { } last, _) => $"M{Place(points[^1], last)}h0.1",
            _ => "",
        };
        return new(solid.ToString(), partial);

        // Without a neighbour a point would not be drawn at all.
        bool Lonely(int index) => !inRun && (index + 1 >= certain || points[index + 1].Value is null);

        string Place(ChartPoint point, double value) => string.Create(
            CultureInfo.InvariantCulture,
            $"{(length > TimeSpan.Zero ? (point.At - start) / length : 1) * 100:0.#} {Top + Height * (span > 0 ? 1 - (value - low) / span : 1):0.#}");
    }
}
