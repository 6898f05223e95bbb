namespace SignalFlow.Tests.Infrastructure;

/// <summary>Waits for what another process or thread brings about, as long as the test may run.</summary>
public static class Eventually
{
    // A member of a consumer group that is lost without a word is missed after 45 s.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <param name="condition">Asked again until it holds.</param>
    /// <param name="longest">For what may take longer.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? longest = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(longest ?? Limit);
        while (!await condition())
            await Task.Delay(Step, limit.Token);
    }
}
