using System.Text.Json;

namespace SignalFlow.AppHost.Tests;

public sealed class ManifestTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("signalflow-manifest-");

    private string ManifestPath => Path.Combine(_directory.FullName, "manifest.json");

    [Fact]
    public async Task Publishes_without_credentials_and_without_the_simulator()
    {
        using var manifest = await PublishAsync();

        var resources = manifest.RootElement.GetProperty("resources");

        var names = resources.EnumerateObject().Select(resource => resource.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "kafka", "postgres", "signalflow", "redis", "migrations", "ingestion", "processing", "api", "web" }, names);
        Assert.DoesNotContain("reddit-simulator", names);
    }

    [Theory]
    [InlineData("ingestion", "Reddit__ClientId", "{reddit-client-id.value}")]
    [InlineData("ingestion", "Reddit__ClientSecret", "{reddit-client-secret.value}")]
    [InlineData("processing", "ConnectionStrings__kafka", "{kafka.connectionString}")]
    [InlineData("processing", "ConnectionStrings__signalflow", "{signalflow.connectionString}")]
    [InlineData("processing", "ConnectionStrings__redis", "{redis.connectionString}")]
    [InlineData("web", "services__api__http__0", "{api.bindings.http.url}")]
    public async Task Leaves_values_to_the_deployment(string resource, string variable, string expected)
    {
        using var manifest = await PublishAsync();

        Assert.Equal(expected, manifest.RootElement.GetProperty("resources").GetProperty(resource).GetProperty("env").GetProperty(variable).GetString());
    }

    [Theory]
    [InlineData("reddit-client-id", true)]
    [InlineData("reddit-client-secret", true)]
    [InlineData("reddit-user-agent", false)]
    [InlineData("postgres-password", true)]
    public async Task Marks_secrets(string parameter, bool secret)
    {
        using var manifest = await PublishAsync();

        var input = manifest.RootElement.GetProperty("resources").GetProperty(parameter).GetProperty("inputs").GetProperty("value");

        Assert.Equal(secret, input.TryGetProperty("secret", out var value) && value.GetBoolean());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<JsonDocument> PublishAsync()
    {
        await AppModel.PublishManifestAsync(ManifestPath);
        return JsonDocument.Parse(await File.ReadAllTextAsync(ManifestPath, TestContext.Current.CancellationToken));
    }
}
