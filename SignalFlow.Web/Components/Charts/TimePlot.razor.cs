using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace SignalFlow.Web.Components.Charts;

/// <summary>The frame that line and bar charts draw into.</summary>
public sealed partial class TimePlot
{
    private readonly List<Hit> _hits = [];

    /// <summary>Unique in the page.</summary>
    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter, EditorRequired]
    public required ValueFormat Format { get; set; }

    [Parameter, EditorRequired]
    public required Axis Values { get; set; }

    [Parameter, EditorRequired]
    public required TimeAxis Time { get; set; }

    /// <summary>Width of the buckets; null where values are of moments.</summary>
    [Parameter]
    public TimeSpan? Step { get; set; }

    [Parameter]
    public IReadOnlyList<ChartMarker> Markers { get; set; } = [];

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>Series whose values the readouts tell.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    [Parameter]
    public ChartBand? Band { get; set; }

    /// <summary>Values fill the bucket that begins at their time, as bars do; otherwise they lie at their time.</summary>
    [Parameter]
    public bool Filled { get; set; }

    private List<Readout> Readouts { get; set; } = [];

    protected override void OnParametersSet()
    {
        Readouts = [.. MakeReadouts()];
        _hits.Clear();
        for (var index = 0; index < Readouts.Count; index++)
            _hits.Add(MakeHit(index));
    }

    private IEnumerable<Readout> MakeReadouts()
    {
        var lines = new SortedDictionary<DateTimeOffset, List<ReadoutLine>>();
        for (var number = 0; number < Series.Count; number++)
        {
            var series = Series[number];
            for (var index = 0; index < series.Points.Count; index++)
            {
                var point = series.Points[index];
                if (point.Value is not null)
                    Add(point.At, new(number, series.Name, ChartTable.Cell(series, point, index, Format)));
            }
        }

        foreach (var point in Band?.Points ?? [])
        {
            if (point is { Low: { } low, High: { } high } && lines.ContainsKey(point.At))
                Add(point.At, new(null, Band!.Name, $"{Format.Exact(low)} to {Format.Exact(high)}"));
        }

        return lines.Select(place => new Readout(place.Key, place.Value));

        void Add(DateTimeOffset at, ReadoutLine line)
        {
            if (lines.TryGetValue(at, out var there))
                there.Add(line);
            else
                lines[at] = [line];
        }
    }

    // A place reaches half-way to its neighbours; where buckets are filled it is the bucket.
    private Hit MakeHit(int index)
    {
        var at = Time.Position(Readouts[index].At);
        var (left, right) = Filled && Step is { } step
            ? (at, Time.Position(Readouts[index].At + step))
            : (index == 0 ? 0 : (at + Time.Position(Readouts[index - 1].At)) / 2,
               index == Readouts.Count - 1 ? 1 : (at + Time.Position(Readouts[index + 1].At)) / 2);
        (left, right) = (Math.Max(0, left), Math.Min(1, right));
        var middle = Filled ? (left + right) / 2 : at;
        var cross = right > left ? (middle - left) / (right - left) : 0.5;
        var side = middle switch { < 0.34 => "early", > 0.66 => "late", _ => "middle" };
        return new(
            Readouts[index],
            $"chart-hit chart-hit-{side}",
            string.Create(CultureInfo.InvariantCulture, $"left:{left * 100:0.##}%;width:{(right - left) * 100:0.##}%;--at:{cross * 100:0.#}%"));
    }

    private sealed record Hit(Readout Readout, string Class, string Style);
}
