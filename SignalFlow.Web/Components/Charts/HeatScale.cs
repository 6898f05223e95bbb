using System.Globalization;

namespace SignalFlow.Web.Components.Charts;

/// <summary>Six steps of shade from zero to the highest value; zero has a step of its own.</summary>
internal sealed class HeatScale(double highest)
{
    public const int Levels = 6;

    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static HeatScale Over(IEnumerable<HeatCell> cells) => new(cells.Max(cell => cell.Value) ?? 0);

    public static string Weekday(int weekday) => Weekdays[weekday - 1];

    public static string Time(int hour) => hour.ToString("00", CultureInfo.InvariantCulture) + ":00";

    /// <summary>0 for zero, then 1 to 5.</summary>
    public int Level(double value) => value <= 0 || highest <= 0 ? 0 : Math.Clamp((int)Math.Ceiling(value / highest * (Levels - 1) - 1e-9), 1, Levels - 1);

    /// <summary>The highest value of a level.</summary>
    public double Top(int level) => highest * level / (Levels - 1);
}
