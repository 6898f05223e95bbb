using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using SignalFlow.Api.Access;

namespace SignalFlow.Api.Reference;

/// <summary>The API as an OpenAPI document, made from its endpoints, and a page to read it.</summary>
internal static class ReferenceExtensions
{
    public const string DocumentName = "v1";

    public const string Path = "/openapi";

    private const string BearerScheme = "bearer";
    private const string KeyScheme = "api_key";

    public static IServiceCollection AddReference(this IServiceCollection services) => services.AddOpenApi(DocumentName, openApi =>
    {
        openApi.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        openApi.ShouldInclude = description => description.RelativePath is { } path
            && (path.StartsWith("api/", StringComparison.Ordinal) || path.StartsWith("dlq", StringComparison.Ordinal) || path == "health/details");
        openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "SignalFlow", Version = DocumentName, Description = "Posts of Reddit as they happen; see docs/api.md." };
            // Where it runs is not the document's business.
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [BearerScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An access token of POST /api/token/, or an API key."
                },
                [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = Credentials.KeyHeader },
            };
            return Task.CompletedTask;
        });
        openApi.AddOperationTransformer(AddAccess);
        openApi.AddOperationTransformer(DocumentedBody.AddAsync);
    });

    /// <summary>In Development, and where <c>Api:Reference</c> is on: <c>/openapi/v1.json</c> and <c>/openapi/reference</c>.</summary>
    public static void MapReference(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment() && !app.Configuration.GetValue("Api:Reference", false))
            return;
        app.MapOpenApi(Path + "/{documentName}.json").AllowAnonymous();
        // Nothing of the page leaves this origin.
        app.MapScalarApiReference(Path + "/reference", page => page
            .WithTitle("SignalFlow API")
            .WithOpenApiRoutePattern(Path + "/{documentName}.json")
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideClientButton()
            .HideDeveloperTools())
            .AllowAnonymous();
    }

    private static Task AddAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd("429", new OpenApiResponse { Description = "Too many requests; Retry-After says when to come back." });
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().FirstOrDefault()?.Policy is not { } policy)
            return Task.CompletedTask;

        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No login, or one that is not good." });
        operation.Responses.TryAdd(
            "403",
            new OpenApiResponse { Description = $"Needs the role {Roles.Name(Policies.RoleOf(policy))}; of an API key also the scope {policy}." });
        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(BearerScheme, context.Document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] },
        ];
        return Task.CompletedTask;
    }
}
