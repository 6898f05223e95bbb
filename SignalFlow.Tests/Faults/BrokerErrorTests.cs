using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

public sealed class BrokerErrorTests(PostgresFixture postgres) : DisturbedBrokers(postgres)
{
    [Theory]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.RequestTimedOut)]
    public Task Errors_of_producing_change_no_row(ErrorCode error) => CompareAsync(KafkaRequest.Produce, error);

    [Theory]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.LeaderNotAvailable)]
    public Task Errors_of_fetching_change_no_row(ErrorCode error) => CompareAsync(KafkaRequest.Fetch, error);

    [Fact]
    public Task Leaders_that_change_while_posts_stream_change_no_row() => CompareAsync((kafka, wave) =>
    {
        for (var partition = 0; partition < 3; partition++)
        {
            kafka.SetPartitionLeader(KafkaTopics.Raw, partition, 1 + (partition + wave) % 3);
            kafka.SetPartitionLeader(KafkaTopics.Refresh, partition, 1 + (partition + wave + 1) % 3);
        }

        kafka.SetPartitionLeader(KafkaTopics.DeadLetter, 0, 1 + wave % 3);
    });

    [Fact]
    public Task A_broker_that_goes_and_comes_back_changes_no_row() => CompareAsync(
        (kafka, wave) =>
        {
            if (wave > 0)
                kafka.SetBrokerDown(wave);
        },
        (kafka, wave) =>
        {
            if (wave > 0)
                kafka.SetBrokerUp(wave);
        });
}
