using System.Text.Json;

namespace SignalFlow.AppHost.Tests;

/// <summary>The whole application, started: from the simulated Reddit through Kafka and the database to the API and the UI.</summary>
public sealed class RunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Posts_arrive_at_the_API_and_the_UI_is_connected()
    {
        var infrastructure = Environment.GetEnvironmentVariable("SIGNALFLOW_TEST_APPHOST");
        Assert.SkipWhen(
            string.IsNullOrEmpty(infrastructure),
            "Starting everything takes Aspire's orchestrator and a container engine: set SIGNALFLOW_TEST_APPHOST to containers, or to embedded where there is no engine.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        // Not the folder of whoever works here, whose database has another password for admin.
        var data = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"signalflow-apphost-{Guid.NewGuid():N}"));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SignalFlow_AppHost>(
            [$"--Infrastructure={infrastructure}", "--Simulator:Speed=60", $"--Data={data.FullName}", .. AppModel.Isolation], patience.Token);
        await using var app = await builder.BuildAsync(patience.Token);
        await app.StartAsync(patience.Token);

        foreach (var name in (string[])["ingestion", "processing", "api", "web"])
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, patience.Token);

        using var api = app.CreateHttpClient("api");
        while (await CountAsync(api, patience.Token) == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(500), patience.Token);
        foreach (var (resource, command) in ((string, string)[])[("reddit-simulator", "load-demo-posts"), ("api", "replay-dlq")])
        {
            var result = await app.ResourceCommands.ExecuteCommandAsync(resource, command, patience.Token);
            Assert.True(result.Success, result.Message);
        }

        using var web = app.CreateHttpClient("web");
        var health = await web.GetStringAsync("/health", patience.Token);
        Assert.Contains("\"live-feed\":{\"status\":\"healthy\"", health, StringComparison.Ordinal);
        await app.StopAsync(patience.Token);
        data.Delete(recursive: true);
    }

    private static async Task<int> CountAsync(HttpClient api, CancellationToken cancellationToken)
    {
        using var posts = JsonDocument.Parse(await api.GetStringAsync("/api/posts/", cancellationToken));
        return posts.RootElement.GetProperty("results").GetArrayLength();
    }
}
