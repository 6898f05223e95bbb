using NpgsqlTypes;
using SignalFlow.Storage;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Api.ReadYourWrites;

/// <summary>Tells the client after a write how far it must see from now on.</summary>
internal sealed partial class WriteMark(ILogger<WriteMark> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.RequestServices.GetService<ReadSession>() is not { } session)
            return await next(context);

        session.RequirePrimary();
        var result = await next(context);
        try
        {
            Write(http.Response, await session.GetWrittenAsync(http.RequestAborted), session.PositionLifetime);
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            // What was to be written is written; that the client may not see it at once is no reason to report a failure.
            LogUnmarked(exception);
        }

        return result;
    }

    private static void Write(HttpResponse response, NpgsqlLogSequenceNumber position, TimeSpan lifetime)
    {
        var text = position.ToString();
        response.Headers[WrittenPosition.Header] = text;
        response.Cookies.Append(WrittenPosition.Cookie, text, new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = response.HttpContext.Request.IsHttps,
            MaxAge = lifetime,
        });
    }

    [LoggerMessage(LogLevel.Warning, "The position of a write is not known, so its client may read an older state for a moment")]
    private partial void LogUnmarked(Exception exception);
}
