using Confluent.Kafka;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

public sealed class MembershipErrorTests(PostgresFixture postgres) : DisturbedBrokers(postgres)
{
    [Fact]
    public Task A_group_that_is_loading_changes_no_row() => CompareAsync(KafkaRequest.JoinGroup, ErrorCode.GroupLoadInProgress);

    [Theory]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public Task Errors_of_heartbeats_change_no_row(ErrorCode error) => CompareAsync(KafkaRequest.Heartbeat, error);
}
