using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts;
using SignalFlow.Api.Requests;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Export;

internal static class ExportEndpoints
{
    private const string PolicyName = "signalflow-export";

    public static IHostApplicationBuilder AddExport(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ExportOptions, ExportOptions.Validator>().BindConfiguration(ExportOptions.Section);
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<ExportOptions>>((timeouts, options) =>
            timeouts.AddPolicy(
                PolicyName,
                new RequestTimeoutPolicy { Timeout = options.Value.Timeout, TimeoutStatusCode = StatusCodes.Status504GatewayTimeout }));
        builder.Services.AddScoped<PostExport>();
        return builder;
    }

    public static RouteGroupBuilder MapExport(this IEndpointRouteBuilder endpoints)
    {
        var export = endpoints.MapGroup("/api/posts/export").WithTags("Posts").WithMetadata(new ExportEndpoint());
        export.WithRequestTimeout(PolicyName);
        export.MapGet("/", PostsAsync).WithName("ExportPosts").WithSummary("A whole list of posts, as CSV or NDJSON.")
            .Produces<PostView>(StatusCodes.Status200OK, "application/x-ndjson", "text/csv");
        return export;
    }

    private static async Task<Results<ExportedPosts, ValidationProblem>> PostsAsync(
        [FromQuery(Name = "format")] string? format,
        [AsParameters] PostListRequest request,
        PostExport export,
        CursorSeals seals,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var chosen = fields.OneOf("format", format, "csv", "ndjson");
        if (chosen is null && fields.Errors.Count == 0)
            fields.Refuse("format", "format must be csv or ndjson.");
        if (!string.IsNullOrEmpty(request.Cursor))
            fields.Refuse("cursor", "An export is the whole list; it takes no cursor.");
        var now = time.GetUtcNow();
        if (!PostFilter.TryParse(request with { Cursor = null }, now, await seals.GetAsync(cancellationToken), out var filter, out var errors)
            || fields.Errors.Count > 0)
        {
            foreach (var (field, messages) in fields.Errors)
                errors[field] = messages;
            return TypedResults.ValidationProblem(errors);
        }

        // The first page before the first byte: what is wrong is still told as a problem.
        if (await export.BeginAsync(filter, cancellationToken) is not { } rows)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["q"] = ["q must hold a word: a letter or a digit."] });
        var name = string.Create(CultureInfo.InvariantCulture, $"signalflow-posts-{now.UtcDateTime:yyyyMMdd-HHmmss}.{chosen}");
        return new ExportedPosts(rows, export.MaxRows, name, IsCsv: chosen == "csv");
    }
}
