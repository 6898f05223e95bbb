using System.Runtime.InteropServices;
using System.Text.Json;
using SignalFlow.Embedded.Postgres;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>The services as processes of their own.</summary>
[Collection(WholeProgram.Collection)]
public sealed class SeparateServicesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_scraped_while_posts_go_from_one_to_the_next()
    {
        Promtool.Require("prometheus");
        await using var services = new SeparateServices();
        await services.StartAllAsync();
        await using var prometheus = await PrometheusServer.StartAsync(services.Jobs);

        Assert.Equal(
            ["api up", "infrastructure up", "ingestion up", "processing up", "processing up", "prometheus up", "reddit-simulator up", "web up"],
            await prometheus.AllUpAsync(8));
        using var api = services.Client("api");
        await Eventually.TrueAsync(async () => (await JsonAsync(api, "/api/posts/")).GetProperty("results").GetArrayLength() > 0);
        // Either has its share of the partitions: both are in one group, whichever came first.
        await Eventually.TrueAsync(async () => await InstancesAsync(api) is [{ } first, { } second] && first > 0 && second > 0 && first + second == 6);
        using var web = services.Client("web");
        await Eventually.TrueAsync(async () =>
            (await web.GetStringAsync("/health", Cancel)).Contains("\"live-feed\":{\"status\":\"healthy\"", StringComparison.Ordinal));
        // From the process that has it, under the job that dashboards and rules tell it by.
        foreach (var (metric, job) in ((string, string)[])[
            ("signalflow_ingest_observations_total", "ingestion"), ("reddit_processor_batch_flush_seconds_count", "processing"),
            ("signalflow_live_updates_total", "api"), ("signalflow_web_live_updates_total", "web")])
            await Eventually.TrueAsync(async () => await JobsAsync(prometheus, $"count by (job) ({metric} > 0)") is [var only] && only == job);
        Assert.Equal(services.Jobs.Select(job => job.Key).Order(), (await JobsAsync(prometheus, "signalflow_build_info")).Distinct().Order());
        // None has tried what its user may not do.
        foreach (var service in services.Processes)
            Assert.DoesNotContain("permission denied", service.Output + service.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_servers_alone_say_where_they_are_to_their_owner_only_and_leave_nothing_running()
    {
        await using var services = new SeparateServices();
        var servers = await services.StartServersAsync();
        Assert.Equal(["kafka", "redis", "signalflow"], servers.Keys.Order());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(services.ConnectionsFile));
        await using (var connection = new Npgsql.NpgsqlConnection(servers["signalflow"]))
            await connection.OpenAsync(Cancel);
        var postgres = PostmasterPid.Read(services.ClusterFolder);
        Assert.NotNull(postgres);

        services[SeparateServices.ServersOnly].Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await services[SeparateServices.ServersOnly].WaitForExitAsync());
        Assert.False(File.Exists(services.ConnectionsFile));
        Assert.False(postgres.IsServerOf(services.ClusterFolder));
        Assert.Empty(services[SeparateServices.ServersOnly].Errors);
    }

    private static async Task<List<int>> InstancesAsync(HttpClient api)
    {
        var pipeline = await JsonAsync(api, "/api/pipeline/");
        return [.. pipeline.GetProperty("instances").EnumerateArray().Select(instance => instance.GetProperty("partitions").GetInt32())];
    }

    private static async Task<List<string>> JobsAsync(PrometheusServer prometheus, string query) =>
        [.. (await prometheus.JsonAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}")).GetProperty("result").EnumerateArray()
            .Select(sample => sample.GetProperty("metric").GetProperty("job").GetString()!)];

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(path, Cancel));
        return document.RootElement.Clone();
    }
}
