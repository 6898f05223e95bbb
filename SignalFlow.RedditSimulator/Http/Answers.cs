using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>Answers in the form Reddit sends them.</summary>
internal static class Answers
{
    public const string Json = "application/json; charset=UTF-8";
    public const string Html = "text/html; charset=UTF-8";

    // Reddit escapes neither apostrophes nor what is not ASCII.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // As many as there were answers at one time.
    private static readonly ConcurrentBag<ArrayBufferWriter<byte>> Buffers = [];

    public static Task WriteJsonAsync(HttpContext context, int status, string json) => WriteAsync(context, status, Json, json);

    public static async Task WriteAsync(HttpContext context, int status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Start(context.Response, status, contentType);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Writes a document; a <paramref name="damage"/> ends it early.</summary>
    public static async Task WriteAsync(HttpContext context, BodyDamage damage, Action<Utf8JsonWriter> write)
    {
        Start(context.Response, StatusCodes.Status200OK, Json);
        // Written whole, so that its length can be told first: clients read that in half the time that chunks take them.
        if (!Buffers.TryTake(out var whole))
            whole = new ArrayBufferWriter<byte>(1 << 18);
        await using (var writer = new Utf8JsonWriter(whole, WriterOptions))
            write(writer);

        var sent = damage == BodyDamage.None ? whole.WrittenMemory : whole.WrittenMemory[..(whole.WrittenCount / 2)];
        context.Response.ContentLength = damage == BodyDamage.Cut ? whole.WrittenCount : sent.Length;
        await context.Response.Body.WriteAsync(sent, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        whole.ResetWrittenCount();
        Buffers.Add(whole);
        if (damage == BodyDamage.Cut)
            context.Abort();
    }

    private static void Start(HttpResponse response, int status, string contentType)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = "private, s-maxage=0, max-age=0, must-revalidate, no-store";
        response.Headers.Server = "snooserv";
    }
}

/// <summary>What is done to a body on its way.</summary>
internal enum BodyDamage
{
    None,

    /// <summary>The connection breaks in the middle.</summary>
    Cut,

    /// <summary>A complete answer whose JSON ends in the middle.</summary>
    Truncated,
}
