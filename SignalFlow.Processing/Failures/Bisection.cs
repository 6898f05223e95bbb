using Npgsql;

namespace SignalFlow.Processing.Failures;

/// <summary>
/// Stores a batch although some of it cannot be stored: what is refused as a whole is stored in halves, down to the single items that are
/// refused by themselves. k such items of n cost at most about 2 k log2 n attempts more.
/// </summary>
internal static class Bisection
{
    /// <param name="count">The items are those from 0 to this, exclusively.</param>
    /// <param name="storeAsync">Stores so many items from a first one on, all or none.</param>
    /// <returns>The items that are poison, in order, and why; all others are stored.</returns>
    /// <exception cref="Exception">A failure that is not the data's fault. Some items may be stored; all of it may be done again.</exception>
    public static async Task<List<(int Item, PostgresException Refusal)>> StoreAsync(int count, Func<int, int, Task> storeAsync)
    {
        var refused = new List<(int, PostgresException)>();
        await StoreAsync(0, count, storeAsync, refused);
        return refused;
    }

    private static async Task StoreAsync(int first, int count, Func<int, int, Task> storeAsync, List<(int, PostgresException)> refused)
    {
        if (count == 0)
            return;
        try
        {
            await storeAsync(first, count);
        }
        catch (PostgresException exception) when (FailurePolicy.Of(exception) == FailureKind.Poison)
        {
            if (count == 1)
            {
                refused.Add((first, exception));
                return;
            }

            var half = count / 2;
            await StoreAsync(first, half, storeAsync, refused);
            await StoreAsync(first + half, count - half, storeAsync, refused);
        }
    }
}
