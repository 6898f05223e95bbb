using Confluent.Kafka;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

public sealed class CoordinatorErrorTests(PostgresFixture postgres) : DisturbedBrokers(postgres)
{
    [Theory]
    [InlineData(ErrorCode.GroupCoordinatorNotAvailable)]
    [InlineData(ErrorCode.RebalanceInProgress)]
    public Task Errors_of_commits_change_no_row(ErrorCode error) => CompareAsync(KafkaRequest.OffsetCommit, error);

    // librdkafka gives such partitions up; they have to be assigned again.
    [Theory]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.GroupCoordinatorNotAvailable)]
    public Task Committed_offsets_that_cannot_be_read_change_no_row(ErrorCode error) => CompareAsync(KafkaRequest.OffsetFetch, error);

    [Fact]
    public Task A_coordinator_that_is_not_found_changes_no_row() =>
        CompareAsync(KafkaRequest.FindCoordinator, ErrorCode.GroupCoordinatorNotAvailable);
}
