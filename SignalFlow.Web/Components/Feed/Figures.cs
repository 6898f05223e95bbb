using System.Globalization;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Numbers as people read them: short in the page, exact in the tooltip.</summary>
internal static class Figures
{
    private const char Minus = '\u2212';

    /// <summary>"999", "1.2k", "12.3k", "123k", "1.2M". Cut, not rounded: 1,999 is not yet 2k.</summary>
    public static string Compact(long value)
    {
        var size = Math.Abs((decimal)value);
        var text = size switch
        {
            < 1_000 => size.ToString(CultureInfo.InvariantCulture),
            < 1_000_000 => Scaled(size / 1_000) + "k",
            < 1_000_000_000 => Scaled(size / 1_000_000) + "M",
            _ => Scaled(size / 1_000_000_000) + "G",
        };
        return value < 0 ? Minus + text : text;
    }

    public static string Exact(long value) => value.ToString("N0", CultureInfo.InvariantCulture).Replace('-', Minus);

    /// <summary>"+12.3", "−0.4", "0.0"; from 100 on without decimals.</summary>
    public static string Signed(double value)
    {
        var size = Math.Abs(value);
        var text = size >= 1_000 ? Compact((long)size) : size.ToString(size >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture);
        return text == "0.0" ? text : (value > 0 ? "+" : Minus.ToString()) + text;
    }

    /// <summary>With <paramref name="decimals"/> decimals and always a sign, but for zero.</summary>
    public static string Signed(double value, int decimals)
    {
        var text = Math.Abs(value).ToString("F" + decimals, CultureInfo.InvariantCulture);
        if (!text.AsSpan().ContainsAnyInRange('1', '9'))
            return text;
        return (value > 0 ? "+" : Minus.ToString()) + text;
    }

    /// <summary>"512 B", "1.2 kB", "34.5 MB": powers of 1,000.</summary>
    public static string Bytes(long value)
    {
        var text = Compact(value);
        return char.IsLetter(text[^1]) ? $"{text[..^1]} {text[^1]}B" : $"{text} B";
    }

    private static string Scaled(decimal value) =>
        value < 100
            ? (Math.Truncate(value * 10) / 10).ToString("0.#", CultureInfo.InvariantCulture)
            : Math.Truncate(value).ToString("0", CultureInfo.InvariantCulture);
}
