using SignalFlow.ServiceDefaults;

namespace SignalFlow.Tests.Replicas;

public sealed class ReplicaConfigurationTests
{
    private const string Primary = "Host=one;Username=signalflow;Password=secret;Database=posts";

    [Theory]
    [InlineData("Host=two;Nonsense=1", "ConnectionStrings:signalflow-replica is not a connection string:")]
    [InlineData("Host=two;Port=many", "ConnectionStrings:signalflow-replica is not a connection string:")]
    [InlineData("Username=signalflow;Database=posts", "ConnectionStrings:signalflow-replica names no host.")]
    [InlineData(
        "Host=two;Username=signalflow;Password=secret;Database=others",
        "ConnectionStrings:signalflow-replica names the database 'others', ConnectionStrings:signalflow 'posts'; a replica has the same.")]
    [InlineData(
        "Host=two;Username=signalflow;Password=secret",
        "ConnectionStrings:signalflow-replica names the database 'signalflow', ConnectionStrings:signalflow 'posts'; a replica has the same.")]
    public async Task A_wrong_connection_string_is_refused_by_name(string replica, string saying)
    {
        var refused = await RefusedAsync(replica);

        Assert.StartsWith(saying, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:01")]
    [InlineData("00:10:01")]
    [InlineData("-00:00:10")]
    [InlineData("soon")]
    public async Task A_wrong_limit_is_refused_by_name(string limit) =>
        Assert.Contains("Storage:MaxReplicaLag", await RefusedAsync(Primary, ("Storage:MaxReplicaLag", limit)), StringComparison.Ordinal);

    [Fact]
    public async Task A_replica_needs_a_primary() =>
        Assert.Contains("ConnectionStrings:signalflow is not set", await RefusedAsync(Primary, ("ConnectionStrings:signalflow", "")), StringComparison.Ordinal);

    private static async Task<string> RefusedAsync(string replica, params (string Key, string Value)[] settings)
    {
        await using var app = ReplicaApi.Build("localhost", Primary, replica, settings);
        return Assert.Throws<WrongConfigurationException>(app.ThrowIfMisconfigured).Message;
    }
}
