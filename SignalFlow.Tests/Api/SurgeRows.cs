using System.Globalization;

namespace SignalFlow.Tests.Api;

internal static class SurgeRows
{
    /// <summary>SQL that gives a stored post a signal.</summary>
    public static string Insert(string id, int phase, double surge = 97) => string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO post_surge (
          post_id, observed_at, folded, state, phase, phase_since, surge, level, discussion, burst, times_typical, gain, window_minutes, forecast_low, forecast,
          forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity, base_folded)
        VALUES ('{id}', now(), 2, '\x01', {phase}, now(), {surge}, 2.1, 0.3, 1.2, 6.2, 38, 10, 800, 1200, 2100, 0.8, 42, 12, 1200, 3.8, 1)
        """);
}
