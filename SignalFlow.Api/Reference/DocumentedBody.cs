using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SignalFlow.Api.Reference;

/// <summary>What an endpoint reads from the request by itself, for the OpenAPI document only.</summary>
/// <param name="Type">Of the object; null: text.</param>
/// <param name="ContentType">Of the body.</param>
internal sealed record DocumentedBody(Type? Type, string ContentType = "application/json")
{
    public static async Task AddAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<DocumentedBody>().FirstOrDefault() is not { } body)
            return;
        var schema = body.Type is null
            ? new OpenApiSchema { Type = JsonSchemaType.String }
            : await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken);
        operation.RequestBody = new OpenApiRequestBody
        {
            Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new OpenApiMediaType { Schema = schema } },
        };
    }
}
