using System.Globalization;

namespace SignalFlow.Web.Components.Charts;

/// <summary>
/// Places in a plot. Lines and texts are placed by percent of a canvas without a view box, so that letters keep their size when it
/// grows or shrinks; paths, which know no percent, lie in a square of <see cref="Side"/> that is stretched under them.
/// </summary>
internal static class Coordinates
{
    public const int Side = 1000;

    public static string Percent(double fraction) => (fraction * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>"120.5 300": the place in the square; <paramref name="up"/> counts from the bottom.</summary>
    public static string Place(double along, double up) =>
        string.Create(CultureInfo.InvariantCulture, $"{along * Side:0.#} {(1 - up) * Side:0.#}");
}
