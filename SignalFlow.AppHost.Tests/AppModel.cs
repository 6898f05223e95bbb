using Microsoft.Extensions.Logging.Abstractions;

namespace SignalFlow.AppHost.Tests;

/// <summary>
/// The application as the AppHost describes it for a run, neither built nor started: a built one starts in the background.
/// Every endpoint has a made-up port, so that whatever refers to an endpoint has a value.
/// </summary>
internal sealed class AppModel : IAsyncDisposable
{
    /// <summary>Password of every store.</summary>
    public const string Password = "the-password";

    /// <summary>As long as a key has to be.</summary>
    public const string Key = "the-password-again-and-again-and-again";

    // Given even when empty, so that the tests neither depend on the user secrets and the environment of whoever runs them
    // nor write a generated password there.
    public static readonly string[] Isolation =
    [
        "--Parameters:reddit-client-id=", "--Parameters:reddit-client-secret=", "--Parameters:reddit-user-agent=",
        "--Reddit:ClientId=", "--Reddit:ClientSecret=", "--Reddit:UserAgent=",
        "--REDDIT_CLIENT_ID=", "--REDDIT_CLIENT_SECRET=", "--REDDIT_USER_AGENT=",
        $"--Parameters:postgres-password={Password}", $"--Parameters:redis-password={Password}", $"--Parameters:grafana-password={Password}",
        $"--Parameters:ingestion-db-password={Password}", $"--Parameters:processing-db-password={Password}", $"--Parameters:api-db-password={Password}",
        $"--Parameters:admin-password={Password}", $"--Parameters:service-key={Key}",
    ];

    private readonly IDistributedApplicationTestingBuilder _builder;

    // Every application would watch its files, and a machine allows few watchers.
    static AppModel() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");

    private AppModel(IDistributedApplicationTestingBuilder builder)
    {
        _builder = builder;

        var freePort = 40_000;
        foreach (var endpoint in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()))
        {
            var port = endpoint.Port ?? freePort++;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port, targetPortExpression: $"{port}");
        }
    }

    public IEnumerable<IResource> All => _builder.Resources;

    public IEnumerable<string> Names => _builder.Resources.Select(resource => resource.Name);

    public IEnumerable<ProjectResource> Projects => _builder.Resources.OfType<ProjectResource>();

    /// <param name="args">Command line of the AppHost.</param>
    public static async Task<AppModel> CreateAsync(params string[] args) =>
        new(await DistributedApplicationTestingBuilder.CreateAsync<Projects.SignalFlow_AppHost>(
            [.. Isolation, .. args], TestContext.Current.CancellationToken));

    /// <summary>Publishes for a deployment without any credentials.</summary>
    /// <param name="arguments">What is published, and where to.</param>
    public static async Task PublishAsync(params string[] arguments)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SignalFlow_AppHost>(
            [.. Isolation, .. arguments], cancellationToken);
        await using var application = await builder.BuildAsync(cancellationToken);
        await application.RunAsync(cancellationToken);
    }

    /// <summary>The manifest for azd.</summary>
    public static async Task<string> PublishManifestAsync()
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-manifest-");
        try
        {
            var path = Path.Combine(folder.FullName, "manifest.json");
            await PublishAsync("--publisher", "manifest", "--output-path", path);
            return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public TResource Get<TResource>(string name)
        where TResource : IResource => Assert.IsType<TResource>(_builder.Resources.Single(resource => resource.Name == name), exactMatch: false);

    public EndpointAnnotation EndpointOf(string name) => Assert.Single(Get<IResource>(name).Annotations.OfType<EndpointAnnotation>());

    /// <summary>What the resource waits for, as <c>name: kind of waiting</c>, in the order of the names.</summary>
    public IEnumerable<string> WaitsOf(string name) =>
        Get<IResource>(name).Annotations.OfType<WaitAnnotation>().Select(wait => $"{wait.Resource.Name}: {wait.WaitType}").Order();

    public async Task<Dictionary<string, string>> EnvironmentOfAsync(string name) =>
        (await ResolveAsync(ExecutionConfigurationBuilder.Create(Get<IResource>(name)).WithEnvironmentVariablesConfig())).EnvironmentVariables.ToDictionary();

    public async Task<IEnumerable<string>> ArgumentsOfAsync(string name) =>
        (await ResolveAsync(ExecutionConfigurationBuilder.Create(Get<IResource>(name)).WithArgumentsConfig())).Arguments.Select(argument => argument.Value);

    public ValueTask DisposeAsync() => _builder.DisposeAsync();

    private static async Task<IExecutionConfigurationResult> ResolveAsync(IExecutionConfigurationBuilder configuration)
    {
        var result = await configuration.BuildAsync(
            new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.Null(result.Exception);
        return result;
    }
}
