using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Storage.Audit;
using SignalFlow.Storage.DeadLetters;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Admin;

/// <summary>Any order of what operators, processing and crashes do to a letter.</summary>
public sealed class DeadLetterStateTests(PostgresFixture postgres)
{
    private static readonly ReplayTerms Terms = new(TimeSpan.FromMinutes(10), Force: false, [KafkaTopics.Raw]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private enum Step
    {
        Claim,
        Force,
        GiveBack,
        Expire,
        Store,
        Fail,
        FailOlder,
        Repeat,
        Discard,
        Purge,
    }

    [Fact]
    public async Task No_order_of_events_loses_a_letter_or_leaves_it_in_a_state_that_contradicts_its_history()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var letters = new DeadLetterStore(database.DataSource);
        var administration = new DeadLetterAdministration(database.DataSource);
        var offset = 0L;
        await Gen.Enum<Step>().Array[1, 14].SampleAsync(
            async steps =>
            {
                var run = new Run(database, letters, administration, Interlocked.Increment(ref offset));
                await run.BeginAsync();
                foreach (var step in steps)
                    await run.DoAsync(step);
            },
            iter: 300, threads: 2, print: steps => string.Join(' ', steps));
    }

    private sealed class Run(MigratedDatabase database, DeadLetterStore letters, DeadLetterAdministration administration, long offset)
    {
        private readonly HashSet<int> _failed = [];
        private long _id;
        private ClaimedLetter? _claimed;
        private int _newest;
        private bool _isStored;
        private bool _isDiscarded;
        private bool _isPurged;

        public async Task BeginAsync()
        {
            await letters.StoreAsync(Letter(null), Cancel);
            _id = await database.ScalarAsync<long>("SELECT id FROM dlq_events WHERE source_offset = $1", offset);
        }

        public async Task DoAsync(Step step)
        {
            var before = await StateAsync();
            switch (step)
            {
                case Step.Claim or Step.Force:
                    await ClaimAsync(step == Step.Force, before);
                    break;
                case Step.GiveBack when _claimed is not null:
                    await administration.GiveBackAsync([_claimed], Cancel);
                    break;
                case Step.Expire:
                    await SqlAsync("UPDATE dlq_events SET claimed_at = claimed_at - interval '1 hour' WHERE id = $1");
                    break;
                case Step.Store when _newest > 0:
                    await letters.ResolveAsync([new(new(_id, _newest), 77)], Cancel);
                    _isStored |= !_isDiscarded;
                    break;
                case Step.Fail when _newest > 0:
                    await FailAsync(_newest);
                    break;
                case Step.FailOlder when _newest > 1:
                    await FailAsync(_newest - 1);
                    break;
                case Step.Repeat:
                    await letters.StoreAsync(Letter(null), Cancel);
                    break;
                case Step.Discard:
                    var discarded = await administration.DiscardAsync(new() { Ids = [_id] }, Terms, "why", 1, Entry, DateTimeOffset.UnixEpoch, Cancel);
                    _isDiscarded |= discarded.Count == 1;
                    break;
                case Step.Purge:
                    await SqlAsync("UPDATE dlq_events SET payload = NULL, headers = '[]', error_message = '', purged_at = now() WHERE id = $1");
                    _isPurged = true;
                    break;
            }

            await CheckAsync(before);
        }

        private async Task ClaimAsync(bool force, string before)
        {
            var taken = await administration.ClaimAsync(new() { Ids = [_id] }, Terms with { Force = force }, 1, Entry, DateTimeOffset.UnixEpoch, Cancel);
            if (taken.Count == 0)
                return;
            Assert.False(_isStored || _isDiscarded || _isPurged || before is "parked" && !force);
            Assert.Equal(_newest + 1, taken[0].Replay);
            (_claimed, _newest) = (taken[0], taken[0].Replay);
        }

        private async Task FailAsync(int replay)
        {
            await letters.StoreAsync(Letter(new(_id, replay)), Cancel);
            _failed.Add(replay);
        }

        private async Task CheckAsync(string before)
        {
            var state = await StateAsync();
            Assert.Contains(state, DeadLetterStates.All);
            // What is settled stays so; nothing is settled without its event.
            Assert.Equal(_isStored, state == "resolved");
            Assert.Equal(_isDiscarded, state == "discarded");
            if (state != before)
                Assert.False(before is "resolved" or "discarded", $"{before} became {state}");
            // Each failed replay counts once, and parking needs three.
            Assert.Equal(_failed.Count, await database.ScalarAsync<int>("SELECT cardinality(failed_replays) FROM dlq_events WHERE id = $1", _id));
            Assert.Equal(1 + _failed.Count, await database.ScalarAsync<int>("SELECT attempt FROM dlq_events WHERE id = $1", _id));
            Assert.True(state switch
            {
                "new" => _failed.Count == 0,
                "failed_again" => _failed.Count is 1 or 2,
                "parked" => _failed.Count >= 3,
                _ => true,
            });
            Assert.False(_isPurged && await database.ScalarAsync<bool>("SELECT payload IS NOT NULL OR error_message <> '' FROM dlq_events WHERE id = $1", _id));
            Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM dlq_events WHERE source_offset = $1", offset));
        }

        private Task<string> StateAsync() => database.ScalarAsync<string>("SELECT state FROM dlq_events WHERE id = $1", _id);

        private async Task SqlAsync(string sql)
        {
            await using var command = database.DataSource.CreateCommand(sql);
            command.Parameters.Add(new() { Value = _id });
            await command.ExecuteNonQueryAsync(Cancel);
        }

        private DeadLetter Letter(LetterReplay? replay) => new()
        {
            SourceTopic = KafkaTopics.Raw,
            SourcePartition = 0,
            SourceOffset = offset,
            RecordPrint = 77,
            Key = [1],
            Payload = [2],
            Headers = "[]",
            PostIds = [],
            ErrorClass = "storage",
            ErrorMessage = _isPurged && replay is null ? "" : "reason",
            FailedAt = DateTime.UnixEpoch,
            Attempt = 1,
            DlqPartition = 0,
            DlqOffset = 0,
            Replay = replay,
        };

        private static AuditEntry Entry(IReadOnlyList<long> ids) => new("someone", "dlq.test", "dlq", null, null, null);
    }
}
