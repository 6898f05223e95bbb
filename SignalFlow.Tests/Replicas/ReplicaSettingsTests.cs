using Npgsql;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Tests.Replicas;

public sealed class ReplicaSettingsTests
{
    private const string Rest = ";Username=a;Password=p;Database=d;SSL Mode=Require";

    [Theory]
    [InlineData("Host=s", "Host=p", "s:5432", "s:5432,p:5432")]
    [InlineData("Host=s;Port=5433", "Host=p", "s:5433", "s:5433,p:5432")]
    [InlineData("Host=s:5434;Port=5433", "Host=p;Port=6432", "s:5434", "s:5434,p:6432")]
    [InlineData("Host=s;Target Session Attributes=standby;Load Balance Hosts=true", "Host=p:1", "s:5432", "s:5432,p:1")]
    [InlineData("Host=::1", "Host=[::2]:5433", "[::1]:5432", "[::1]:5432,[::2]:5433")]
    [InlineData("Host=[::1]", "Host=p", "[::1]:5432", "[::1]:5432,p:5432")]
    // Of several some may be standbys that nobody has measured.
    [InlineData("Host=s", "Host=p,q;Target Session Attributes=primary", "s:5432", "s:5432")]
    [InlineData("Host=/run/s", "Host=p", "/run/s", "/run/s")]
    public void The_primary_follows_the_replica_where_it_can(string replica, string primary, string name, string hosts)
    {
        var settings = Assert.Single(ReplicaSettings.Of(replica + Rest, primary + Rest));

        var reading = new NpgsqlConnectionStringBuilder(settings.Reading);
        Assert.Equal((name, hosts, hosts.Contains(','), null), (settings.Name, reading.Host, settings.AndPrimary, reading.TargetSessionAttributes));
        Assert.Equal(("a", "p", "d", SslMode.Require, 3), (reading.Username, reading.Password, reading.Database, reading.SslMode, reading.Timeout));
        Assert.Equal(name, new NpgsqlConnectionStringBuilder(settings.Watching).Host);
    }

    [Theory]
    [InlineData("Username=reader;Password=p;Database=d")]
    [InlineData("Username=a;Password=other;Database=d")]
    [InlineData("Username=a;Password=p;Database=d;SSL Mode=Disable")]
    public void With_another_user_password_or_encryption_the_replica_stands_alone(string replica)
    {
        var settings = Assert.Single(ReplicaSettings.Of($"Host=s;{replica}", "Host=p;Username=a;Password=p;Database=d"));

        Assert.False(settings.AndPrimary);
        Assert.Equal("s:5432", new NpgsqlConnectionStringBuilder(settings.Reading).Host);
    }

    [Fact]
    public void Each_host_is_one_replica_and_a_timeout_of_ones_own_stays()
    {
        var settings = ReplicaSettings.Of($"Host=s,t:5433,S:5432;Timeout=20{Rest}", $"Host=p{Rest}");

        Assert.Equal(["s:5432", "t:5433"], settings.Select(replica => replica.Name));
        Assert.All(settings, replica => Assert.Equal(20, new NpgsqlConnectionStringBuilder(replica.Reading).Timeout));
        Assert.All(settings, replica => Assert.Equal(2, new NpgsqlConnectionStringBuilder(replica.Watching).Timeout));
    }
}
