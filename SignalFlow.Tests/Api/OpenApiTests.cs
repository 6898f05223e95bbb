using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class OpenApiTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With <c>SIGNALFLOW_UPDATE_OPENAPI=1</c> the document is written anew instead.</summary>
    [Fact]
    public async Task The_document_that_is_committed_is_that_of_the_endpoints()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var path = Path.Combine(Checkout.Folder, "docs", "openapi.json");
        var document = await TextAsync(api);

        if (Environment.GetEnvironmentVariable("SIGNALFLOW_UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(path, document, Cancel);

        Assert.Equal(await File.ReadAllTextAsync(path, Cancel), document);
    }

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_and_says_who_may()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var document = JsonNode.Parse(await TextAsync(api))!;

        Assert.Equal("3.1", document["openapi"]!.GetValue<string>()[..3]);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation!["operationId"] is null || operation["summary"] is null)
                    Assert.Fail($"{method} {path} has no name or summary.");
                if (operation["security"] is null && !path.StartsWith("/api/feeds/searches/", StringComparison.Ordinal)
                    && path is not ("/api/token" or "/api/token/refresh" or "/api/token/revoke" or "/api/setup" or "/api/access"))
                    Assert.Fail($"{method} {path} says nothing of access.");
            }
        }
    }

    [Fact]
    public async Task In_development_there_is_a_page_to_read_it()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:Reference"] = "true" });

        Assert.Contains("\"openapi\"", await api.Client.GetStringAsync("/openapi/v1.json", Cancel), StringComparison.Ordinal);
        Assert.Contains("SignalFlow API", await api.Client.GetStringAsync("/openapi/reference", Cancel), StringComparison.Ordinal);
    }

    internal static async Task<OpenApiDocument> DocumentAsync(ApiApplication api) =>
        await api.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync(Cancel);

    private static async Task<string> TextAsync(ApiApplication api) =>
        (await (await DocumentAsync(api)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, Cancel)).ReplaceLineEndings("\n") + "\n";
}
