namespace SignalFlow.Web.Components.Charts;

/// <param name="At">A moment, or the start of a bucket.</param>
/// <param name="Value">Null: nothing is known there, and the line breaks.</param>
/// <param name="Note">Stands behind the value in readout and table, such as <c>n = 12</c>.</param>
public readonly record struct ChartPoint(DateTimeOffset At, double? Value, string? Note = null);

/// <param name="Name">In legend, readout and table.</param>
/// <param name="Points">In the order of time.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>The last point stands for a time that is not over: the line to it is dotted, the point hollow.</summary>
    public bool LastIsPartial { get; init; }

    internal bool IsPartial(int index) => LastIsPartial && index == Points.Count - 1;
}

public readonly record struct BandPoint(DateTimeOffset At, double? Low, double? High);

/// <summary>What is usual, behind the lines.</summary>
public sealed record ChartBand(string Name, IReadOnlyList<BandPoint> Points);

/// <summary>A vertical line with a word, such as the start of a surge.</summary>
public readonly record struct ChartMarker(DateTimeOffset At, string Label);

/// <param name="Label">What is ranked.</param>
/// <param name="Value">Zero or more.</param>
public sealed record RankItem(string Label, double Value)
{
    public string? Href { get; init; }

    /// <summary>Stands behind the value.</summary>
    public string? Note { get; init; }
}

/// <param name="Weekday">1 Monday to 7 Sunday.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Value">Null: the hour lies not in the range.</param>
public readonly record struct HeatCell(int Weekday, int Hour, double? Value);

/// <summary>What is told of one place on the time axis.</summary>
/// <param name="At">The place.</param>
/// <param name="Lines">One for each series and band that has a value there.</param>
internal sealed record Readout(DateTimeOffset At, IReadOnlyList<ReadoutLine> Lines);

/// <param name="Series">Number of the series from 0, which has the colour; null for a band.</param>
/// <param name="Name">Of series or band.</param>
/// <param name="Text">The exact value.</param>
internal readonly record struct ReadoutLine(int? Series, string Name, string Text);
