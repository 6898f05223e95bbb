using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using SignalFlow.Benchmarks.Pipeline;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Asks one question after the other, one client, warm: first the API over HTTP, then PostgreSQL with a prepared statement.</summary>
internal sealed class QueryMeter(ApiServer api, NpgsqlDataSource source)
{
    private const int WarmUp = 10;
    private const int Requests = 200;
    private const int FewestRequests = 30;
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(6);

    public async Task<QueryFigures> MeasureAsync(StorageQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // One plan for every value would be the wrong one for some.
        await using (var plans = new NpgsqlCommand("SET plan_cache_mode = force_custom_plan", connection))
            await plans.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand(query.Sql, connection);
        foreach (var parameter in query.Variants[0].Parameters)
            command.Parameters.Add(new() { Value = parameter });
        await command.PrepareAsync(cancellationToken);

        var agrees = await AgreesAsync(query, command, cancellationToken);
        var requests = await TimeAsync(query, variant => AskAsync(variant.Path, cancellationToken));
        var limit = await TimeAsync(query with { IsCached = false }, variant => ReadAsync(command, variant, cancellationToken));
        return new(query.Name, query.Bar, requests.Count, Percentiles.Of(requests), Percentiles.Of(limit), agrees);
    }

    private async Task<List<double>> TimeAsync(StorageQuery query, Func<QueryVariant, Task> ask)
    {
        var seconds = new List<double>();
        var started = Stopwatch.GetTimestamp();
        for (var number = 0; number < WarmUp + Requests; number++)
        {
            if (seconds.Count >= FewestRequests && Stopwatch.GetElapsedTime(started) > LongEnough)
                break;
            if (query.IsCached)
                await api.ForgetAnswersAsync();
            var before = Stopwatch.GetTimestamp();
            await ask(query.Variants[number % query.Variants.Count]);
            if (number >= WarmUp)
                seconds.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        return seconds;
    }

    private async Task<bool> AgreesAsync(StorageQuery query, NpgsqlCommand command, CancellationToken cancellationToken)
    {
        foreach (var variant in query.Variants)
        {
            if (query.IsCached)
                await api.ForgetAnswersAsync();
            using var answer = JsonDocument.Parse(await AskAsync(variant.Path, cancellationToken));
            var keys = await ReadAsync(command, variant, cancellationToken);
            if (!query.Keys(answer.RootElement).SequenceEqual(keys))
                return false;
        }

        return true;
    }

    private async Task<byte[]> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await api.Client.GetAsync(path, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <returns>The first column.</returns>
    private static async Task<List<string>> ReadAsync(NpgsqlCommand command, QueryVariant variant, CancellationToken cancellationToken)
    {
        for (var number = 0; number < variant.Parameters.Length; number++)
            command.Parameters[number].Value = variant.Parameters[number];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new object[reader.FieldCount];
        var keys = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            reader.GetValues(values);
            keys.Add(values[0].ToString()!);
        }

        return keys;
    }
}

/// <param name="Name">Of the query.</param>
/// <param name="Bar">For the 95th percentile.</param>
/// <param name="Requests">How many were measured.</param>
/// <param name="Api">Through the API.</param>
/// <param name="Limit">By hand.</param>
/// <param name="Agrees">Both gave the same rows.</param>
internal sealed record QueryFigures(string Name, double? Bar, int Requests, Percentiles Api, Percentiles Limit, bool Agrees)
{
    public static string Header { get; } = $"{"query",-36} {"n",4} {"p50 ms",9} {"p95 ms",9} {"bar",6} {"by hand",9}";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-36} {Requests,4} {Api.P50,9:N2} {Api.P95,9:N2} {Bar,6} {Limit.P50,9:N2}{(Api.P95 > Bar ? "  missed" : "")}{(Agrees ? "" : "  other rows")}");
}
