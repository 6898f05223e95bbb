namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// A wall clock that was set back by more than corrections of its rate explain: what is planned for its old time would wait as long as it was ahead.
/// </summary>
internal static class ClockStep
{
    /// <summary>What is no step yet: threads read the clock in another order than they report it.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    /// <param name="at">A planned time; the least one stands for none.</param>
    /// <param name="by">How far the clock was set back.</param>
    public static DateTimeOffset Back(this DateTimeOffset at, TimeSpan by) => at == DateTimeOffset.MinValue ? at : at - by;
}
