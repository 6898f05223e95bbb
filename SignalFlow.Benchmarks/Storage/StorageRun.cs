using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Fills a database and measures it.</summary>
internal sealed class StorageRun(int posts, int history, TextWriter output)
{
    public async Task<StorageReport> RunAsync(string? connectionString, CancellationToken cancellationToken)
    {
        if (connectionString is not null)
            return await MeasureAsync(connectionString, cancellationToken);

        var folder = Directory.CreateTempSubdirectory("signalflow-storage-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            await postgres.CreateDatabaseAsync("storage", cancellationToken);
            return await MeasureAsync(postgres.ConnectionString("storage"), cancellationToken);
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private async Task<StorageReport> MeasureAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var database = await FilledDatabase.OpenAsync(connectionString, posts, history, output, cancellationToken);
        // First, so that the questions meet compressed chunks where there are such.
        var size = await HistorySize.MeasureAsync(database, cancellationToken);
        var report = new StorageReport
        {
            Size = size,
            Queries = await QueriesAsync(database, cancellationToken),
            Writes = await WriteComparison.RunAsync(database, cancellationToken),
            Retention = await new RetentionProbe(database).RunAsync(cancellationToken),
        };
        output.WriteLine(report.Text);
        return report;
    }

    private async Task<List<QueryFigures>> QueriesAsync(FilledDatabase database, CancellationToken cancellationToken)
    {
        await using var api = await ApiServer.StartAsync(database, cancellationToken);
        var meter = new QueryMeter(api, database.Source);
        var figures = new List<QueryFigures>();
        List<StorageQuery> queries =
        [
            .. await new FeedQueries(database.Source, database.Data, api).AllAsync(cancellationToken),
            .. await new OtherQueries(database.Source, database.Data).AllAsync(cancellationToken),
        ];
        output.WriteLine(QueryFigures.Header);
        foreach (var query in queries)
        {
            figures.Add(await meter.MeasureAsync(query, cancellationToken));
            output.WriteLine(figures[^1]);
        }

        return figures;
    }
}
