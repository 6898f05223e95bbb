using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Access;
using SignalFlow.Contracts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Api.Admin.Subreddits;

/// <summary>
/// One transaction for the whole file. A refused line keeps the others from being applied, unless <c>partial</c> is asked for; the report
/// says either way what was done.
/// </summary>
internal static class SubredditImportEndpoint
{
    public static async Task<Results<Ok<SubredditImportReport>, ValidationProblem, ProblemHttpResult>> ImportAsync(
        [FromQuery(Name = "dry_run")] string? dryRun,
        [FromQuery(Name = "partial")] string? partial,
        SubredditEditor editor,
        TimeProvider time,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var isDry = fields.Boolean("dry_run", dryRun) ?? false;
        var isPartial = fields.Boolean("partial", partial) ?? false;
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        SubredditCsv file;
        try
        {
            if (await OpenAsync(http.Request, cancellationToken) is not { } content)
                return TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, detail: "Send text/csv, or a form with one file.");
            await using (content)
                file = SubredditCsv.Read(content);
        }
        catch (BadHttpRequestException exception)
        {
            return TypedResults.Problem(statusCode: exception.StatusCode, detail: $"The file must have at most {SubredditCsv.MaxBytes} bytes.");
        }
        catch (InvalidDataException)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, detail: "The form cannot be read.");
        }

        if (file.Error is { } error)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["file"] = [error] });

        var apply = !isDry && (isPartial || file.Refused.Count == 0);
        var caller = Caller.Of(http);
        var results = await editor.ImportAsync(
            [.. file.Rows.Select(row => (row.Name, row.Edit))], caller.Name, apply, SubredditAdminEndpoints.Audit(caller, time), cancellationToken);
        var report = Report(file, results, apply, isDry);
        return apply || isDry ? TypedResults.Ok(report) : Refused(report);
    }

    private static async Task<Stream?> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HasFormContentType)
        {
            var form = await request.ReadFormAsync(cancellationToken);
            return form.Files is [var only] ? only.OpenReadStream() : null;
        }

        if (request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        // The parser reads synchronously, which the connection does not allow.
        var content = new MemoryStream();
        await request.Body.CopyToAsync(content, cancellationToken);
        content.Position = 0;
        return content;
    }

    private static SubredditImportReport Report(SubredditCsv file, IReadOnlyList<bool?> results, bool applied, bool dryRun)
    {
        var lines = file.Rows.Zip(results, (row, changes) => new SubredditImportLine(
            row.Line, row.Name, changes switch { null => "added", true => "changed", false => "unchanged" }, null, null));
        return new()
        {
            Applied = applied,
            DryRun = dryRun,
            Added = results.Count(changes => changes is null),
            Changed = results.Count(changes => changes is true),
            Unchanged = results.Count(changes => changes is false),
            Refused = file.Refused.Count,
            Lines = [.. lines.Concat(file.Refused).OrderBy(line => line.Line)],
        };
    }

    private static ProblemHttpResult Refused(SubredditImportReport report) => TypedResults.Problem(
        statusCode: StatusCodes.Status422UnprocessableEntity,
        title: "The file has lines that cannot be imported.",
        detail: $"Nothing was changed, because {report.Refused} of {report.Lines.Count} lines are refused. partial=true imports the others.",
        extensions: [new("report", report)]);
}
