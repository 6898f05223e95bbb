using System.Globalization;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Charts;

/// <summary>How the values of a chart are written: short at the axis, exact in readout and table.</summary>
/// <param name="Unit">In words: "posts", "points". May be empty.</param>
/// <param name="Decimals">Of exact values.</param>
public sealed record ValueFormat(string Unit, int Decimals = 0)
{
    public static readonly ValueFormat Posts = new("posts");
    public static readonly ValueFormat Score = new("points", 1);

    /// <summary>-1 to +1.</summary>
    public static readonly ValueFormat Sentiment = new("sentiment from \u22121 to +1", 2) { HasSign = true };

    /// <summary>Values are 0 to 1 and shown times a hundred.</summary>
    public static readonly ValueFormat Share = new("%", 1) { Percent = true };

    public bool HasSign { get; init; }
    public bool Percent { get; init; }

    /// <summary>Only whole values are possible.</summary>
    internal bool Whole => Decimals == 0 && !Percent;

    /// <summary>At a tick of <paramref name="axis"/>.</summary>
    public string Tick(double value, Axis axis)
    {
        if (Percent)
            return Fixed(value * 100, Math.Max(0, axis.Decimals - 2)) + " %";
        if (HasSign)
            return Figures.Signed(value, axis.Decimals);
        return Math.Abs(value) >= 1_000 ? Figures.Compact((long)Math.Round(value)) : Fixed(value, axis.Decimals);
    }

    /// <summary>"1.2k": for a place with little room.</summary>
    public string Compact(double value) =>
        !Percent && !HasSign && Math.Abs(value) >= 1_000 ? Figures.Compact((long)Math.Round(value)) : Exact(value);

    /// <summary>Without the unit, but for a percentage.</summary>
    public string Exact(double value) =>
        Percent ? Fixed(value * 100, Decimals) + " %" : HasSign ? Figures.Signed(value, Decimals) : Fixed(value, Decimals);

    private static string Fixed(double value, int decimals)
    {
        var text = Math.Abs(value).ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return value < 0 && text.AsSpan().ContainsAnyInRange('1', '9') ? '\u2212' + text : text;
    }
}
