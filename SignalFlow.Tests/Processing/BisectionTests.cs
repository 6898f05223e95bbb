using CsCheck;
using Npgsql;
using SignalFlow.Processing.Failures;

namespace SignalFlow.Tests.Processing;

public sealed class BisectionTests
{
    private static readonly Gen<(int Count, bool[] Poison)> Batches =
        Gen.Int[0, 600].SelectMany(count => Gen.Double[0, 1].SelectMany(share => Gen.Double[0, 1].Array[count].Select(
            draws => (count, draws.Select(draw => draw < share * share * share).ToArray()))));

    [Fact]
    public async Task Every_poison_item_is_found_and_every_other_is_stored_once() =>
        await Batches.SampleAsync(async batch =>
        {
            var table = new Table(batch.Poison);

            var refused = await Bisection.StoreAsync(batch.Count, table.StoreAsync);

            Assert.Equal(Positions(batch.Poison, poison: true), refused.Select(item => item.Item));
            Assert.Equal(Positions(batch.Poison, poison: false), table.Stored.Order());
            Assert.All(refused, item => Assert.Equal("23514", item.Refusal.SqlState));
        });

    [Fact]
    public async Task Attempts_grow_with_the_poison_not_with_the_batch() =>
        await Batches.SampleAsync(async batch =>
        {
            var table = new Table(batch.Poison);

            var poison = (await Bisection.StoreAsync(batch.Count, table.StoreAsync)).Count;

            var depth = batch.Count < 2 ? 0 : Math.Ceiling(Math.Log2(batch.Count));
            Assert.InRange(table.Attempts, 0, 1 + 2 * poison * depth);
            // Nobody asks for less than one item, or for the same ones twice.
            Assert.True(table.Attempts <= Math.Max(1, 2 * batch.Count - 1));
        });

    [Fact]
    public async Task One_poison_message_among_500_costs_at_most_18_attempts_more()
    {
        for (var position = 0; position < 500; position++)
        {
            var table = new Table([.. Enumerable.Range(0, 500).Select(item => item == position)]);

            Assert.Equal([position], (await Bisection.StoreAsync(500, table.StoreAsync)).Select(item => item.Item));
            Assert.InRange(table.Attempts, 17, 19);
        }
    }

    [Fact]
    public async Task A_failure_that_passes_ends_it_at_once_and_gives_nothing_up()
    {
        var table = new Table([.. Enumerable.Range(0, 64).Select(item => item is 3 or 40)]) { FailsAtAttempt = 5 };

        var failure = await Assert.ThrowsAsync<PostgresException>(() => Bisection.StoreAsync(64, table.StoreAsync));

        Assert.Equal("57P01", failure.SqlState);
        Assert.Equal(5, table.Attempts);
    }

    [Fact]
    public async Task After_a_failure_that_passed_all_of_it_again_ends_as_if_nothing_had_been() =>
        await Gen.Select(Batches, Gen.Int[1, 12]).SampleAsync(async (batch, attempt) =>
        {
            var table = new Table(batch.Poison) { FailsAtAttempt = attempt };

            List<int> refused;
            try
            {
                refused = [.. (await Bisection.StoreAsync(batch.Count, table.StoreAsync)).Select(item => item.Item)];
            }
            catch (PostgresException)
            {
                refused = [.. (await Bisection.StoreAsync(batch.Count, table.StoreAsync)).Select(item => item.Item)];
            }

            Assert.Equal(Positions(batch.Poison, poison: true), refused);
            Assert.Equal(Positions(batch.Poison, poison: false), table.Stored.Distinct().Order());
        });

    private static IEnumerable<int> Positions(bool[] items, bool poison) => Enumerable.Range(0, items.Length).Where(item => items[item] == poison);

    /// <summary>Stores a range as one transaction does: all, or none of it.</summary>
    private sealed class Table(bool[] poison)
    {
        public List<int> Stored { get; } = [];

        public int Attempts { get; private set; }

        public int FailsAtAttempt { get; init; } = int.MaxValue;

        public Task StoreAsync(int first, int count)
        {
            if (++Attempts == FailsAtAttempt)
                throw new PostgresException("m", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown);
            if (poison.AsSpan(first, count).Contains(true))
                throw new PostgresException("m", "ERROR", "ERROR", PostgresErrorCodes.CheckViolation, constraintName: "c");
            Stored.AddRange(Enumerable.Range(first, count));
            return Task.CompletedTask;
        }
    }
}
