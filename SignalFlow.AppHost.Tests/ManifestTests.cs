using System.Text.Json;

namespace SignalFlow.AppHost.Tests;

public sealed class ManifestTests
{
    [Fact]
    public async Task Publishes_without_credentials_and_without_the_simulator()
    {
        using var manifest = await PublishAsync();

        var resources = manifest.RootElement.GetProperty("resources");

        var names = resources.EnumerateObject().Select(resource => resource.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "kafka", "signalflow", "redis", "ingestion", "processing", "api", "web" }, names);
        Assert.DoesNotContain("reddit-simulator", names);
    }

    [Fact]
    public async Task Has_no_database_in_a_container_and_no_job_that_would_be_started_again_and_again()
    {
        using var manifest = await PublishAsync();
        var resources = manifest.RootElement.GetProperty("resources");

        Assert.Equal("parameter.v0", resources.GetProperty("signalflow").GetProperty("type").GetString());
        Assert.Equal("parameter.v0", resources.GetProperty("kafka").GetProperty("type").GetString());
        Assert.Equal(
            ["redis"],
            resources.EnumerateObject()
                .Where(resource => resource.Value.GetProperty("type").GetString()!.StartsWith("container", StringComparison.Ordinal))
                .Select(resource => resource.Name));
        Assert.DoesNotContain(
            resources.EnumerateObject(),
            resource => resource.Value.TryGetProperty("volumes", out _) || resource.Value.TryGetProperty("error", out _));
        Assert.Equal("true", resources.GetProperty("processing").GetProperty("env").GetProperty("Storage__MigrateAtStart").GetString());
        Assert.False(resources.TryGetProperty("migrations", out _));
    }

    [Fact]
    public async Task Has_no_literal_secret()
    {
        var text = await AppModel.PublishManifestAsync();

        Assert.DoesNotContain(AppModel.Password, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingestion", "Reddit__ClientId", "{reddit-client-id.value}")]
    [InlineData("ingestion", "Reddit__ClientSecret", "{reddit-client-secret.value}")]
    [InlineData("processing", "ConnectionStrings__kafka", "{kafka.connectionString}")]
    [InlineData("processing", "ConnectionStrings__signalflow", "{signalflow.connectionString}")]
    [InlineData("processing", "ConnectionStrings__redis", "{redis.connectionString}")]
    [InlineData("api", "SIGNALFLOW_ADMIN_PASSWORD", "{admin-password.value}")]
    [InlineData("api", "Api__ServiceKey", "{service-key.value}")]
    [InlineData("api", "Api__SigningKey", "{signing-key.value}")]
    [InlineData("web", "Web__ApiKey", "{service-key.value}")]
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
    [InlineData("signalflow", true)]
    [InlineData("kafka", true)]
    [InlineData("admin-password", true)]
    [InlineData("service-key", true)]
    [InlineData("signing-key", true)]
    [InlineData("kafka-sasl-password", true)]
    [InlineData("kafka-sasl-username", false)]
    public async Task Marks_secrets(string parameter, bool secret)
    {
        using var manifest = await PublishAsync();

        var input = manifest.RootElement.GetProperty("resources").GetProperty(parameter).GetProperty("inputs").GetProperty("value");

        Assert.Equal(secret, input.TryGetProperty("secret", out var value) && value.GetBoolean());
    }

    private static async Task<JsonDocument> PublishAsync() => JsonDocument.Parse(await AppModel.PublishManifestAsync());
}
