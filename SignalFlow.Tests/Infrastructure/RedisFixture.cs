using SignalFlow.Embedded;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>One Redis-protocol server for the whole run, started by the first test that asks for it.</summary>
public sealed class RedisFixture : IDisposable
{
    private readonly Lazy<EmbeddedRedis> _server = new(() => EmbeddedRedis.Start());
    private int _prefixes;

    public string ConnectionString => _server.Value.ConnectionString;

    /// <summary>A prefix for keys and channels, unique in the run.</summary>
    public string CreatePrefix() => $"test{Interlocked.Increment(ref _prefixes)}:";

    public void Dispose()
    {
        if (_server.IsValueCreated)
            _server.Value.Dispose();
    }
}
