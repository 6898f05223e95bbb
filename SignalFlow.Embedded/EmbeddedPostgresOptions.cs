using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SignalFlow.Embedded;

public sealed class EmbeddedPostgresOptions
{
    /// <summary>Holds the private cluster, its password and its port. Made if missing; one process at a time uses it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>False gives up crash safety for speed: for data that is thrown away.</summary>
    public bool Durable { get; init; } = true;

    public int MaxConnections { get; init; } = 60;

    /// <summary>Folders to look for the server's programs in; null means the PATH and the usual places of the operating system.</summary>
    public IReadOnlyList<string>? SearchPath { get; init; }

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
