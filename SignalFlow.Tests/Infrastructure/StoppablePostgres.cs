using SignalFlow.Embedded;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>A PostgreSQL of one test's own, for taking it away.</summary>
internal sealed class StoppablePostgres : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedPostgresOptions _options;
    private EmbeddedPostgres? _server;

    private StoppablePostgres() => _options = new() { DataFolder = _folder.Path, Durable = false };

    public static async Task<StoppablePostgres> StartAsync()
    {
        var postgres = new StoppablePostgres();
        postgres._server = await EmbeddedPostgres.StartAsync(postgres._options, TestContext.Current.CancellationToken);
        return postgres;
    }

    public async Task<string> CreateDatabaseAsync()
    {
        await _server!.CreateDatabaseAsync("stoppable", TestContext.Current.CancellationToken);
        return _server.ConnectionString("stoppable");
    }

    public Task StopAsync() => _server!.StopServerAsync();

    public Task StartAgainAsync() => _server!.StartServerAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await EmbeddedPostgres.DeleteAsync(_options);
        _folder.Dispose();
    }
}
