using System.Globalization;

namespace SignalFlow.Processing.Surge;

/// <summary>A signal in words: "6.2× typical for r/golang at 42 min, +38 in 10 min". Made on demand, as it is the one part that allocates.</summary>
internal static class SurgeReason
{
    public static string Of(in SurgeSignal signal, string subreddit)
    {
        if (signal.IsLearning && signal.Posts == 0 && signal.Forecast is null && signal.WindowMinutes == 0)
            return $"no baseline yet for r/{subreddit}, {Learning(signal)}";
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Times(signal.TimesTypical)}× typical for r/{subreddit} at {Age(signal.AgeMinutes)}");
        if (signal.WindowMinutes > 0)
            text += string.Create(CultureInfo.InvariantCulture, $", {signal.Gain:+0;-0;+0} in {Age(signal.WindowMinutes)}");
        if (signal.IsControversial)
            text += ", more votes against it than for it";
        return signal.IsLearning ? $"{text}, {Learning(signal)}" : text;
    }

    private static string Learning(in SurgeSignal signal) =>
        string.Create(CultureInfo.InvariantCulture, $"baseline learning ({signal.Posts}/{BaselineTable.LearnedPosts} posts)");

    private static string Times(double times) => times.ToString(times < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Age(double minutes) => minutes < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{minutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:0.#} h");
}
