using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace SignalFlow.AppHost.Tests;

/// <summary>What azd deploys to Azure Container Apps: a template for each project of the manifest, which must not fall behind it.</summary>
public sealed partial class AzureTemplateTests
{
    public static TheoryData<string> Projects => ["ingestion", "processing", "api", "web"];

    [Fact]
    public async Task Each_project_of_the_manifest_has_a_template()
    {
        using var manifest = await ManifestAsync();

        var projects = manifest.RootElement.GetProperty("resources").EnumerateObject()
            .Where(resource => resource.Value.GetProperty("type").GetString() == "project.v0").Select(resource => resource.Name);

        Assert.Equal(projects.Order(), Directory.EnumerateFiles(Folder(), "*.tmpl.yaml").Select(file => Path.GetFileName(file).Split('.')[0]).Order());
    }

    [Theory, MemberData(nameof(Projects))]
    public async Task Has_every_variable_that_the_manifest_has(string name)
    {
        using var manifest = await ManifestAsync();
        var template = Read(name);

        var variables = manifest.RootElement.GetProperty("resources").GetProperty(name).GetProperty("env").EnumerateObject().Select(variable => variable.Name)
            // Parts of connection strings and addresses, for whoever is no .NET program.
            .Where(variable => !PartOfReference().IsMatch(variable));

        Assert.Empty(variables.Except(Environment(template).Keys));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Has_no_literal_secret_and_names_only_secrets_that_it_has(string name)
    {
        var template = Read(name);
        var secrets = List(template, "properties", "configuration", "secrets").ToDictionary(secret => Text(secret, "name"), secret => Text(secret, "value"));

        Assert.All(secrets.Values, value => Assert.Matches("«(secured)?[pP]arameter", value));
        foreach (var (variable, value) in Environment(template))
        {
            if (value.StartsWith('@'))
                Assert.Contains(value[1..], secrets.Keys);
            else
                Assert.False(Secret().IsMatch(variable), $"{variable} is no secret");
        }
    }

    [Theory, MemberData(nameof(Projects))]
    public void Is_probed_and_has_time_to_stop(string name)
    {
        var template = Read(name);
        var probes = List(Container(template), "probes").ToDictionary(probe => Text(probe, "type"));

        Assert.Equal(("/alive", "/alive", "/health"), (Path(probes["Startup"]), Path(probes["Liveness"]), Path(probes["Readiness"])));
        // More is refused.
        Assert.All(
            probes.Values,
            probe => Assert.InRange(int.Parse(Text(probe, "failureThreshold"), System.Globalization.CultureInfo.InvariantCulture), 1, 10));
        Assert.Equal("40", Text(template, "properties", "template", "terminationGracePeriodSeconds"));

        static string Path(YamlNode probe) => Text(probe, "httpGet", "path");
    }

    [Theory]
    [InlineData("ingestion", "false", null, "1", "1")]
    [InlineData("processing", "false", null, "1", "3")]
    [InlineData("api", "true", "sticky", "1", "3")]
    [InlineData("web", "true", "sticky", "1", "3")]
    public void Is_reached_and_scaled_as_it_can_bear(string name, string external, string? affinity, string least, string most)
    {
        var template = Read(name);

        Assert.Equal(external, Text(template, "properties", "configuration", "ingress", "external"));
        // Whatever the world reaches is asked for passwords.
        if (external == "true")
            Assert.Equal("false", Text(template, "properties", "configuration", "ingress", "allowInsecure"));
        Assert.Equal(affinity, Find(template, "properties", "configuration", "ingress", "stickySessions", "affinity")?.ToString());
        Assert.Equal("single", Text(template, "properties", "configuration", "activeRevisionsMode"));
        Assert.Equal(
            (least, most),
            (Text(template, "properties", "template", "scale", "minReplicas"), Text(template, "properties", "template", "scale", "maxReplicas")));
    }

    [Fact]
    public void The_UI_asks_the_API_under_an_address_that_answers() =>
        Assert.StartsWith(
            "https://api.«.Env.AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN»",
            Environment(Read("web"))["services__api__http__0"],
            StringComparison.Ordinal);

    [Fact]
    public void Processing_is_scaled_by_what_waits_in_Kafka()
    {
        var rule = Assert.Single(List(Read("processing"), "properties", "template", "scale", "rules"));

        Assert.Equal(("kafka", "signalflow-processing"), (Text(rule, "custom", "type"), Text(rule, "custom", "metadata", "consumerGroup")));
    }

    [Fact]
    public void The_service_of_azd_is_the_app_host()
    {
        var azure = Parse(File.ReadAllText(Path.Combine(Folder(), "..", "..", "azure.yaml")));

        Assert.Equal("./SignalFlow.AppHost/SignalFlow.AppHost.csproj", Text(azure, "services", "app", "project"));
        Assert.Equal("containerapp", Text(azure, "services", "app", "host"));
    }

    private static async Task<JsonDocument> ManifestAsync() => JsonDocument.Parse(await AppModel.PublishManifestAsync());

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "..", "SignalFlow.AppHost", "infra");

    // What azd fills in would otherwise be a mapping without quotes.
    private static YamlNode Read(string name) =>
        Parse(Placeholder().Replace(
            File.ReadAllText(Path.Combine(Folder(), $"{name}.tmpl.yaml")),
            match => $"«{match.Groups[1].Value.Replace("\"", "", StringComparison.Ordinal)}»"));

    private static YamlNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0].RootNode;
    }

    private static YamlNode Container(YamlNode template) => Assert.Single(List(template, "properties", "template", "containers"));

    /// <summary>Values, or <c>@</c> and the name of the secret.</summary>
    private static Dictionary<string, string> Environment(YamlNode template) => List(Container(template), "env").ToDictionary(
        variable => Text(variable, "name"), variable => Find(variable, "secretRef") is { } secret ? $"@{secret}" : Text(variable, "value"));

    private static YamlSequenceNode List(YamlNode node, params string[] path) => Assert.IsType<YamlSequenceNode>(Find(node, path));

    private static string Text(YamlNode node, params string[] path) => Assert.IsType<YamlScalarNode>(Find(node, path)).Value!;

    private static YamlNode? Find(YamlNode node, params string[] path)
    {
        YamlNode? found = node;
        foreach (var key in path)
            found = found is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var child) ? child : null;
        return found;
    }

    [GeneratedRegex("{{ *(.*?) *}}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("^(OTEL_.*|REDIS_(HOST|PORT|PASSWORD|URI)|API_HTTPS?|Ingestion__Shard(Id|Count)|Reddit__RequestsPerMinute)$")]
    private static partial Regex PartOfReference();

    [GeneratedRegex("PASSWORD|SECRET|ConnectionStrings__|(Service|Signing|Api)Key$|ClientId$", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
