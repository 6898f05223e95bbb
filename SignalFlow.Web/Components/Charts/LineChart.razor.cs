using Microsoft.AspNetCore.Components;

namespace SignalFlow.Web.Components.Charts;

/// <summary>Lines over time, with what is usual behind them.</summary>
public sealed partial class LineChart
{
    private Axis _values = Axis.Over([]);
    private TimeAxis _time = null!;
    private IReadOnlyList<LinePaths> _lines = [];

    /// <summary>Unique in the page.</summary>
    [Parameter, EditorRequired]
    public required string Id { get; set; }

    /// <summary>What the chart shows, for those who do not see it.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>At most <see cref="SeriesKey.MaxSeries"/>.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    [Parameter, EditorRequired]
    public required ValueFormat Format { get; set; }

    [Parameter]
    public ChartBand? Band { get; set; }

    [Parameter]
    public IReadOnlyList<ChartMarker> Markers { get; set; } = [];

    /// <summary>Width of the buckets; null where values are of moments.</summary>
    [Parameter]
    public TimeSpan? Step { get; set; }

    /// <summary>Points that lie further apart have a gap between them; null where only a missing value is a gap.</summary>
    [Parameter]
    public TimeSpan? LongestGap { get; set; }

    /// <summary>First time of the axis; null for that of the first point.</summary>
    [Parameter]
    public DateTimeOffset? Start { get; set; }

    /// <summary>Last time of the axis; null for that of the last point.</summary>
    [Parameter]
    public DateTimeOffset? End { get; set; }

    /// <summary>Zero is on the axis.</summary>
    [Parameter]
    public bool FromZero { get; set; } = true;

    protected override void OnParametersSet()
    {
        var times = Series.SelectMany(series => series.Points).Select(point => point.At).DefaultIfEmpty(DateTimeOffset.UnixEpoch).ToList();
        _time = new(Start ?? times.Min(), End ?? times.Max());
        _values = Axis.Over(
            Series.SelectMany(series => series.Points).Select(point => point.Value)
                .Concat((Band?.Points ?? []).SelectMany(point => new[] { point.Low, point.High }))
                .OfType<double>(),
            FromZero,
            Format.Whole);
        _lines = [.. Series.Select(series => LinePaths.Of(series, _time, _values, LongestGap))];
    }
}
