namespace SignalFlow.Tests.Infrastructure;

/// <summary>Waits for what another process or thread brings about, as long as the test may run.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!await condition())
            await Task.Delay(Step, limit.Token);
    }
}
