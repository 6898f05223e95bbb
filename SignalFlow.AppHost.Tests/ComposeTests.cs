using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace SignalFlow.AppHost.Tests;

/// <summary>The compose file of <c>aspire publish</c>.</summary>
public sealed partial class ComposeTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("signalflow-compose-");
    private string _text = "";
    private Dictionary<string, ComposeService> _services = [];

    public async ValueTask InitializeAsync()
    {
        await AppModel.PublishAsync("--operation", "publish", "--step", "publish", "--output-path", _directory.FullName);
        _text = await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "docker-compose.yaml"), TestContext.Current.CancellationToken);
        _services = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<ComposeFile>(_text).Services;
    }

    [Fact]
    public void Has_every_process_and_every_store()
    {
        Assert.Equal(
            ["api", "grafana", "ingestion", "kafka", "migrations", "postgres", "processing", "prometheus", "redis", "web"], _services.Keys.Order());
        Assert.Equal("3", _services["processing"].Deploy!.Replicas);
        Assert.All(_services.Where(service => service.Key != "processing"), service => Assert.Null(service.Value.Deploy));
    }

    [Fact]
    public void Starts_in_order_and_asks_whether_each_is_healthy()
    {
        Assert.All(_services.Where(service => service.Key != "migrations"), service => Assert.NotEmpty(service.Value.Healthcheck!.Test));
        Assert.Equal(
            [("kafka", "service_healthy"), ("migrations", "service_completed_successfully"), ("postgres", "service_healthy"), ("redis", "service_healthy")],
            _services["processing"].DependsOn.Select(dependency => (dependency.Key, dependency.Value.Condition)).Order());
        Assert.DoesNotContain("service_started", _text, StringComparison.Ordinal);
        Assert.Equal("on-failure", _services["migrations"].Restart);
    }

    [Fact]
    public void Opens_only_what_people_and_programs_ask() => Assert.Equal(
        ["api 8080:8080", "grafana 3000:3000", "web 8081:8080"],
        _services.SelectMany(service => service.Value.Ports.Select(port => $"{service.Key} {port}")).Order());

    [Fact]
    public void Keeps_data_in_volumes_of_fixed_names_and_mounts_no_folder_of_this_machine()
    {
        Assert.Equal(
            ["signalflow-grafana", "signalflow-kafka", "signalflow-postgres", "signalflow-prometheus"],
            _services.SelectMany(service => service.Value.Volumes).Select(volume => volume.Source).Order());
        Assert.All(_services.SelectMany(service => service.Value.Volumes), volume => Assert.Equal("volume", volume.Type));
        Assert.DoesNotContain("BINDMOUNT", _text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Brings_its_rules_and_dashboards_along()
    {
        Assert.True(File.Exists(Path.Combine(_directory.FullName, "prometheus", "alerts.yml")));
        Assert.True(File.Exists(Path.Combine(_directory.FullName, "grafana", "overview.json")));
        var prometheus = await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "prometheus", "compose.yml"), TestContext.Current.CancellationToken);
        foreach (var service in (string[])["ingestion", "processing", "api", "web"])
        {
            Assert.Contains($"names: [{service}], type: A, port: 8080", prometheus, StringComparison.Ordinal);
            Assert.Equal("8080", _services[service].Environment["HTTP_PORTS"]);
        }
    }

    [Fact]
    public void Trusts_no_address_that_a_request_claims_and_takes_no_figures_from_others()
    {
        Assert.DoesNotContain("FORWARDEDHEADERS", _text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("otlp-receiver", _text, StringComparison.Ordinal);
    }

    [Fact]
    public void Gives_its_own_services_no_privileges_and_each_a_user_of_the_database()
    {
        foreach (var name in (string[])["migrations", "ingestion", "processing", "api", "web"])
        {
            Assert.Equal(["ALL"], _services[name].CapDrop);
            Assert.Equal(["no-new-privileges:true"], _services[name].SecurityOpt);
        }

        foreach (var user in (string[])["ingestion", "processing", "api"])
        {
            var password = $"${{{user.ToUpperInvariant()}_DB_PASSWORD}}";
            Assert.Contains(
                $"Username={user};Password={password};Database=signalflow",
                _services[user].Environment["ConnectionStrings__signalflow"],
                StringComparison.Ordinal);
            Assert.Equal(password, _services["migrations"].Environment[$"Storage__Passwords__{char.ToUpperInvariant(user[0])}{user[1..]}"]);
        }
    }

    [Fact]
    public void Has_no_literal_secret()
    {
        Assert.DoesNotContain(AppModel.Password, _text, StringComparison.Ordinal);
        Assert.All(
            _services.SelectMany(service => service.Value.Environment).Where(variable => Secret().IsMatch(variable.Key)),
            variable => Assert.Matches(@"^\$\{[A-Z_]+\}$", variable.Value));
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex("PASSWORD|SECRET|(Service|Signing|Api)Key$", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    // What is read of the file, in its own words.
    private sealed class ComposeFile
    {
        [YamlMember(Alias = "services")]
        public Dictionary<string, ComposeService> Services { get; set; } = [];
    }

    private sealed class ComposeService
    {
        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];

        [YamlMember(Alias = "cap_drop")]
        public List<string> CapDrop { get; set; } = [];

        [YamlMember(Alias = "security_opt")]
        public List<string> SecurityOpt { get; set; } = [];

        [YamlMember(Alias = "ports")]
        public List<string> Ports { get; set; } = [];

        [YamlMember(Alias = "depends_on")]
        public Dictionary<string, Dependency> DependsOn { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public List<Mount> Volumes { get; set; } = [];

        [YamlMember(Alias = "healthcheck")]
        public Check? Healthcheck { get; set; }

        [YamlMember(Alias = "restart")]
        public string? Restart { get; set; }

        [YamlMember(Alias = "deploy")]
        public Deployment? Deploy { get; set; }
    }

    private sealed class Dependency
    {
        [YamlMember(Alias = "condition")]
        public string Condition { get; set; } = "";
    }

    private sealed class Mount
    {
        [YamlMember(Alias = "type")]
        public string Type { get; set; } = "";

        [YamlMember(Alias = "source")]
        public string Source { get; set; } = "";
    }

    private sealed class Check
    {
        [YamlMember(Alias = "test")]
        public List<string> Test { get; set; } = [];
    }

    private sealed class Deployment
    {
        [YamlMember(Alias = "replicas")]
        public string? Replicas { get; set; }
    }
}
