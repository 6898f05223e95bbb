using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>
/// The name of a database's host, which goes as that of a container does when it stops: to open a connection then is to look up a name that is not
/// found. Connections that are open stay.
/// </summary>
internal sealed class LosableName
{
    /// <summary>No host ever has it (RFC 6761).</summary>
    public const string Nobody = "db.invalid";

    private volatile bool _isLost;
    private int _asked;

    /// <summary>How often it has been looked up in vain.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public NpgsqlDataSource DataSource(string connectionString)
    {
        // Without a pool each connection is opened.
        var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        source.UsePhysicalConnectionInitializer(_ => LookUpAsync().GetAwaiter().GetResult(), _ => LookUpAsync());
        return source.Build();
    }

    public void Lose() => _isLost = true;

    public void GiveBack() => _isLost = false;

    private async Task LookUpAsync()
    {
        if (!_isLost)
            return;
        Interlocked.Increment(ref _asked);
        try
        {
            await Dns.GetHostAddressesAsync(Nobody);
        }
        catch (SocketException exception)
        {
            // As Npgsql does when it looks up the host itself.
            throw new NpgsqlException(exception.Message, exception);
        }
    }
}
