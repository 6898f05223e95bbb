using Microsoft.AspNetCore.Components;

namespace SignalFlow.Web.Components.Charts;

/// <summary>Bars over time, one for each bucket.</summary>
public sealed partial class BarChart
{
    private Axis _values = Axis.Over([]);
    private TimeAxis _time = null!;
    private IReadOnlyList<ChartSeries> _all = [];
    private double _zero;
    private string? _usual;

    /// <summary>Unique in the page.</summary>
    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>A point for each bucket, at its start.</summary>
    [Parameter, EditorRequired]
    public required ChartSeries Bars { get; set; }

    /// <summary>Width of the buckets.</summary>
    [Parameter, EditorRequired]
    public required TimeSpan Step { get; set; }

    [Parameter, EditorRequired]
    public required ValueFormat Format { get; set; }

    /// <summary>A line across the bars, with a point for each bucket.</summary>
    [Parameter]
    public ChartSeries? Usual { get; set; }

    [Parameter]
    public IReadOnlyList<ChartMarker> Markers { get; set; } = [];

    // Of the whole width; a fifth of a bar, but never so much that many bars would be thin.
    private double Gap => Math.Min(0.2 * Step / (_time.End - _time.Start), 0.004);

    protected override void OnParametersSet()
    {
        _all = Usual is null ? [Bars] : [Bars, Usual];
        var start = Bars.Points.Count > 0 ? Bars.Points[0].At : DateTimeOffset.UnixEpoch;
        _time = new(start, Bars.Points.Count > 0 ? Bars.Points[^1].At + Step : start);
        _values = Axis.Over(_all.SelectMany(series => series.Points).Select(point => point.Value).OfType<double>(), whole: Format.Whole);
        _zero = _values.Position(0);
        // In the middle of the bars.
        _usual = Usual is null
            ? null
            : LinePaths.Of(
                Usual with { Points = [.. Usual.Points.Select(point => point with { At = point.At + Step / 2 })] }, _time, _values, null).Solid;
    }
}
