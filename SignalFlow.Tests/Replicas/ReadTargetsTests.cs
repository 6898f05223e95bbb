using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Tests.Replicas;

/// <summary>Which server a request reads from, by what the monitor has found. No server is asked.</summary>
public sealed class ReadTargetsTests : IAsyncDisposable
{
    private const string Rest = ";Username=a;Password=p;Database=d";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly NpgsqlDataSource _primary = NpgsqlDataSource.Create($"Host=p{Rest}");

    public async ValueTask DisposeAsync()
    {
        await _primary.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Before_the_first_look_and_without_a_usable_replica_it_is_the_primary()
    {
        await using var targets = Targets("s,t");
        Assert.Equal(targets.Primary, targets.Choose(null));

        targets.Replicas[0].Become(new(ReplicaState.Behind, new(100), TimeSpan.FromMinutes(1), ""));
        targets.Replicas[1].Become(new(ReplicaState.Away, new(200), TimeSpan.Zero, ""));

        Assert.Equal(targets.Primary, targets.Choose(null));
    }

    [Theory]
    [InlineData("", "1 1 1 1")]
    [InlineData(";Load Balance Hosts=true", "2 1 2 1")]
    public async Task The_first_usable_replica_has_all_reads_unless_they_are_to_be_balanced(string more, string expected)
    {
        await using var targets = Targets("s,t", more);
        Follow(targets, 100, 100);

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 4).Select(_ => Number(targets, targets.Choose(null)))));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(200, 2)]
    [InlineData(201, 0)]
    public async Task Who_has_written_reads_where_that_is_replayed(ulong position, int expected)
    {
        await using var targets = Targets("s,t");
        Follow(targets, 100, 200);
        var session = new ReadSession(targets);

        session.Require(new(position));
        session.Require(new(5));

        Assert.Equal(expected, Number(targets, session.Target));
    }

    [Fact]
    public async Task A_request_keeps_its_server_until_that_fails_and_then_reads_from_the_primary()
    {
        await using var targets = Targets("s,t");
        Follow(targets, 100, 100);
        var session = new ReadSession(targets);
        Assert.Equal(1, Number(targets, session.Target));

        targets.Replicas[0].Become(new(ReplicaState.Away, new(100), TimeSpan.Zero, ""));

        Assert.Equal(1, Number(targets, session.Target));
        Assert.True(session.HasLostTarget);
        Assert.Equal(targets.Primary, session.FallBack());
        Assert.Equal(targets.Primary, session.Target);
        Assert.False(session.HasLostTarget);
    }

    [Fact]
    public async Task While_the_primary_does_not_answer_a_failed_read_is_repeated_on_a_replica()
    {
        await using var targets = Targets("s,t");
        Follow(targets, 100, 100);
        var session = new ReadSession(targets);
        _ = session.Target;
        targets.PrimaryAnswers = false;
        targets.Replicas[0].Become(new(ReplicaState.Away, new(100), TimeSpan.Zero, ""));

        Assert.Equal(2, Number(targets, session.FallBack()));
    }

    [Fact]
    public async Task A_request_that_writes_reads_from_the_primary()
    {
        await using var targets = Targets("s");
        Follow(targets, 100);
        var session = new ReadSession(targets);

        session.RequirePrimary();

        Assert.Equal(targets.Primary, session.Target);
    }

    private ReadTargets Targets(string hosts, string more = "") => new(
        _primary,
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:signalflow"] = $"Host=p{Rest}",
            ["ConnectionStrings:signalflow-replica"] = $"Host={hosts}{Rest}{more}",
        }).Build(),
        Options.Create(new ReplicaOptions()),
        _services.GetRequiredService<IMeterFactory>(),
        NullLoggerFactory.Instance);

    private static void Follow(ReadTargets targets, params ulong[] replayed)
    {
        foreach (var (replica, position) in targets.Replicas.Zip(replayed))
            replica.Become(new(ReplicaState.Following, new NpgsqlLogSequenceNumber(position), TimeSpan.Zero, ""));
    }

    /// <returns>The replica's number; 0: the primary.</returns>
    private static int Number(ReadTargets targets, ReadTarget target) =>
        targets.Replicas.SingleOrDefault(replica => replica.Target == target)?.Number ?? (target == targets.Primary ? 0 : -1);
}
