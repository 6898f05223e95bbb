using Npgsql;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>The connection strings of one read replica, made from those of replicas and primary.</summary>
/// <param name="Name">Host and port, for logs and metrics.</param>
/// <param name="Reading">For queries. Without <see cref="AndPrimary"/> the only host is the replica.</param>
/// <param name="AndPrimary">Whether the primary follows in the list of hosts, for when the replica refuses connections.</param>
/// <param name="Watching">For one connection to this replica and no other server.</param>
internal sealed record ReplicaSettings(string Name, string Reading, bool AndPrimary, string Watching)
{
    /// <summary>Time for everything that only finds out how a server is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // What of a connection string says where the server is, not how to speak to it.
    private static readonly string[] PlaceKeys = ["Host", "Port", "Target Session Attributes", "Load Balance Hosts", "Host Recheck Seconds"];

    public static IReadOnlyList<ReplicaSettings> Of(string replicas, string primary)
    {
        var settings = new NpgsqlConnectionStringBuilder(replicas);
        return [.. Addresses(settings).Distinct(StringComparer.OrdinalIgnoreCase).Select(address => One(address, settings, new(primary)))];
    }

    /// <summary>Whether reads are spread over the replicas; else the first usable one has them all, as with the client's own lists of hosts.</summary>
    public static bool AreBalanced(string replicas) => new NpgsqlConnectionStringBuilder(replicas).LoadBalanceHosts;

    /// <summary>The same server and user, for one connection that gives up soon.</summary>
    public static string Watch(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = 1,
        MinPoolSize = 0,
        Timeout = (int)Patience.TotalSeconds,
        CommandTimeout = (int)Patience.TotalSeconds,
        // A server that does not answer does not answer a cancellation either.
        CancellationTimeout = -1,
    }.ConnectionString;

    private static ReplicaSettings One(string address, NpgsqlConnectionStringBuilder settings, NpgsqlConnectionStringBuilder primary)
    {
        var alone = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        foreach (var key in PlaceKeys)
            alone.Remove(key);
        alone.Host = address;
        // Where hosts are paths their port is part of the file's name.
        alone.Port = settings.Port;

        var reading = new NpgsqlConnectionStringBuilder(alone.ConnectionString) { HostRecheckSeconds = 1 };
        // A replica that has vanished without a word must not hold up reads until the monitor has noticed.
        if (!settings.ShouldSerialize("Timeout"))
            reading.Timeout = 3;
        var andPrimary = CanFollow(primary, settings);
        if (andPrimary)
            reading.Host = $"{address},{Addresses(primary).Single()}";
        return new(address, reading.ConnectionString, andPrimary, Watch(alone.ConnectionString));
    }

    /// <summary>
    /// One list of hosts has one user, one password and one way of encryption, so the primary can follow only where all of these are its
    /// own. Of several primary hosts some may be standbys whose lag nobody measures.
    /// </summary>
    private static bool CanFollow(NpgsqlConnectionStringBuilder primary, NpgsqlConnectionStringBuilder replicas)
    {
        if (Addresses(primary).Concat(Addresses(replicas)).Any(IsPath) || Addresses(primary).Count() != 1)
            return false;

        var (one, other) = (new NpgsqlConnectionStringBuilder(primary.ConnectionString), new NpgsqlConnectionStringBuilder(replicas.ConnectionString));
        foreach (var key in PlaceKeys)
        {
            one.Remove(key);
            other.Remove(key);
        }

        return one.EquivalentTo(other);
    }

    private static IEnumerable<string> Addresses(NpgsqlConnectionStringBuilder settings) =>
        (settings.Host ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(host => WithPort(host, settings.Port));

    private static string WithPort(string host, int port)
    {
        if (IsPath(host))
            return host;

        var colon = host.LastIndexOf(':');
        var isBareIPv6 = colon > 0 && host[..colon].Contains(':') && !host.Contains(']');
        return isBareIPv6
            ? $"[{host}]:{port}"
            : colon > host.LastIndexOf(']') ? host : $"{host}:{port}";
    }

    private static bool IsPath(string host) => host[0] is '/' or '@';
}
