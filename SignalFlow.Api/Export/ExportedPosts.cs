using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.Net.Http.Headers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Export;

/// <summary>
/// The file as it is written. That it was cut is told in NDJSON by a last line of its own, and by the trailer <c>X-SignalFlow-Truncated</c> where the
/// protocol has trailers (HTTP/2). A CSV file has no room for it: one with as many rows as the header <c>X-SignalFlow-Max-Rows</c> says may be cut.
/// </summary>
internal sealed record ExportedPosts(ExportRows Rows, int MaxRows, string FileName, bool IsCsv) : IResult
{
    public const string TruncatedTrailer = "X-SignalFlow-Truncated";
    public const string MaxRowsHeader = "X-SignalFlow-Max-Rows";

    // Without being told, the library leaves a line feed or a carriage return alone bare.
    private static readonly CsvConfiguration Csv = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = cell => cell.Field?.AsSpan().ContainsAny(",\"\r\n") == true,
    };

    private static readonly JsonTypeInfo<PostView> Json = (JsonTypeInfo<PostView>)Answers.Answers.Json.GetTypeInfo(typeof(PostView));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = IsCsv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = FileName }.ToString();
        response.Headers.CacheControl = "no-store";
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        response.Headers[MaxRowsHeader] = MaxRows.ToString(CultureInfo.InvariantCulture);
        if (response.SupportsTrailers())
            response.DeclareTrailer(TruncatedTrailer);
        // What has begun cannot become an error: at its time limit the connection breaks, whatever is waited for, and nobody takes a part for the whole.
        await using var limit = httpContext.RequestAborted.Register(httpContext.Abort);
        try
        {
            // A head has no body to read a million rows for.
            if (!HeadRequests.IsHead(httpContext))
                await (IsCsv ? WriteCsvAsync(response, httpContext.RequestAborted) : WriteLinesAsync(response, httpContext.RequestAborted));
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (response.SupportsTrailers())
            response.AppendTrailer(TruncatedTrailer, Rows.IsCut ? "true" : "false");
    }

    private async Task WriteLinesAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await foreach (var page in Rows.PagesAsync(cancellationToken))
        {
            foreach (var post in page)
            {
                await using (var line = new Utf8JsonWriter(response.BodyWriter, new() { Encoder = Answers.Answers.Json.Encoder, SkipValidation = true }))
                    JsonSerializer.Serialize(line, post, Json);
                response.BodyWriter.Write("\n"u8);
                // Waits for a slow client.
                if (response.BodyWriter.UnflushedBytes > 32 * 1024)
                    await response.BodyWriter.FlushAsync(cancellationToken);
            }
        }

        if (Rows.IsCut)
            response.BodyWriter.Write("{\"truncated\":true}\n"u8);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private async Task WriteCsvAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 32 * 1024, leaveOpen: true);
        await using var csv = new CsvWriter(text, Csv, leaveOpen: true);
        foreach (var column in PostCsv.Columns)
            csv.WriteField(column);
        await csv.NextRecordAsync();
        await foreach (var page in Rows.PagesAsync(cancellationToken))
        {
            foreach (var post in page)
            {
                PostCsv.Write(csv, post);
                await csv.NextRecordAsync();
            }

            await csv.FlushAsync();
            await text.FlushAsync(cancellationToken);
        }
    }
}
