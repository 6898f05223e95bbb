namespace SignalFlow.Tests.Infrastructure;

/// <summary>A database that was empty when it was made, and is gone when this is disposed.</summary>
public sealed class StorageDatabase(string connectionString, Func<ValueTask> drop) : IAsyncDisposable
{
    public string ConnectionString { get; } = connectionString;

    public ValueTask DisposeAsync() => drop();
}
