using System.Text.Json;

namespace SignalFlow.AppHost;

/// <summary>Kafka, PostgreSQL and Redis inside one process, so that everything here runs without a container engine.</summary>
internal static class EmbeddedExtensions
{
    public static Infrastructure AddEmbedded(this IDistributedApplicationBuilder builder)
    {
        var folder = builder.DataFolder("embedded");
        // The servers choose their ports, and PostgreSQL its password: the file says them, to its owner only.
        var connections = Path.Combine(folder, "connections.json");
        // Of an earlier run.
        if (File.Exists(connections))
            File.Delete(connections);
        var servers = builder.AddProject<Projects.SignalFlow_Standalone>("infrastructure", launchProfileName: null)
            .WithHostEnvironment()
            .WithArgs("infrastructure", "--data", folder, "--connections", connections)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithIconName("ServerMultiple");

        return new(InfrastructureKind.Embedded, Add("kafka"), Add("signalflow"), Replica: null, Add("redis"));

        IResourceBuilder<ConnectionStringResource> Add(string name) =>
            builder.AddConnectionString(name, ReferenceExpression.Create($"{new EmbeddedConnection(connections, name)}"))
                .WithParentRelationship(servers)
                .WaitFor(servers);
    }

    /// <summary>A connection string that is known once the servers run.</summary>
    private sealed class EmbeddedConnection(string file, string name) : IValueProvider, IManifestExpressionProvider
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

        public string ValueExpression => $"{{infrastructure.connections.{name}}}";

        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
        {
            // Written elsewhere and moved here: what is there is whole.
            while (!File.Exists(file))
                await Task.Delay(Pause, cancellationToken);
            await using var stream = File.OpenRead(file);
            var connections = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(stream, cancellationToken: cancellationToken);
            return connections![name];
        }
    }
}
