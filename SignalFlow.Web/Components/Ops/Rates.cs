using System.Globalization;

namespace SignalFlow.Web.Components.Ops;

/// <summary>Rates and times of batches as people read them.</summary>
internal static class Rates
{
    /// <summary>"12.5 posts/s", "30 posts/min" where there is less than one a second.</summary>
    public static string Text(double perSecond, string noun) => perSecond switch
    {
        >= 100 => string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} {noun}s/s"),
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#} {noun}s/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{perSecond * 60:0} {noun}s/min"),
    };

    public static string Number(double perSecond) => perSecond.ToString(perSecond >= 100 ? "N0" : "0.0", CultureInfo.InvariantCulture);

    public static string Milliseconds(double? milliseconds) => milliseconds switch
    {
        null => "–",
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0} s"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
        >= 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"),
    };
}
