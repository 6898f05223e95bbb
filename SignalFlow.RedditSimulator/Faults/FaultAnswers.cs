using System.Globalization;
using SignalFlow.RedditSimulator.Http;

namespace SignalFlow.RedditSimulator.Faults;

/// <summary>Error answers as the real API's recordings and public reports show them.</summary>
internal static class FaultAnswers
{
    private const string BusyPage = """
        <!doctype html><html><title>Ow! -- reddit.com</title><body><h2>all of our servers are busy right now</h2>
        <h3>please try again in a minute</h3><p>(error code: {0})</p></body></html>
        """;

    private const string TooManyPage = """
        <!doctype html>
        <html><head><title>Too Many Requests</title></head>
        <body><h1>whoa there, pardner!</h1><p>we're sorry, but you appear to be a bot and we've seen too many requests from you lately.</p></body></html>
        """;

    private const string BlockedPage = """
        <!doctype html>
        <html><head><title>Blocked</title></head>
        <body><h1>whoa there, pardner!</h1><p>Your request has been blocked due to a network policy.</p></body></html>
        """;

    private const string TooLongPage = """
        <html>
        <head><title>414 Request-URI Too Large</title></head>
        <body><center><h1>414 Request-URI Too Large</h1></center></body></html>
        """;

    private const string FoundPage = """
        <html>
         <head><title>302 Found</title></head>
         <body><h1>302 Found</h1>The resource was found at <a href="{0}">{0}</a>; you should be redirected automatically.</body>
        </html>
        """;

    public static Task WriteAsync(HttpContext context, FaultRule fault) => fault.Kind switch
    {
        FaultKind.RateLimited => WriteTooManyAsync(context, fault.RetryAfter),
        FaultKind.Unauthorized => WriteUnauthorizedAsync(context),
        FaultKind.Private => WriteForbiddenAsync(context, "private"),
        FaultKind.Quarantined => WriteForbiddenAsync(context, "quarantined"),
        FaultKind.Blocked => Answers.WriteAsync(context, StatusCodes.Status403Forbidden, "text/html", BlockedPage),
        FaultKind.Banned => Answers.WriteJsonAsync(
            context, StatusCodes.Status404NotFound, """{"reason": "banned", "message": "Not Found", "error": 404}"""),
        FaultKind.Redirect => WriteRedirectAsync(context, context.GetRouteValue("names") as string ?? context.GetRouteValue("name") as string ?? ""),
        FaultKind.Renamed => WriteRenamedAsync(context, fault.Subreddit!, fault.To!),
        FaultKind.ServerError => WriteServerErrorAsync(context, fault.Status ?? StatusCodes.Status503ServiceUnavailable, fault.Body ?? "html"),
        FaultKind.TokenError => WriteTokenErrorAsync(context, fault.Status ?? StatusCodes.Status500InternalServerError),
        FaultKind.TokenInvalidGrant => Answers.WriteJsonAsync(context, StatusCodes.Status200OK, """{"error": "invalid_grant"}"""),
        _ => throw new InvalidOperationException($"{fault.Kind} is not answered by a page of its own."),
    };

    public static Task WriteUnauthorizedAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"reddit\", error=\"invalid_token\"";
        return Answers.WriteJsonAsync(context, StatusCodes.Status401Unauthorized, """{"message": "Unauthorized", "error": 401}""");
    }

    /// <summary>What Reddit does for a subreddit there is not.</summary>
    public static Task WriteRedirectAsync(HttpContext context, string name)
    {
        return WriteFoundAsync(context, $"/subreddits/search?q={Uri.EscapeDataString(name)}");
    }

    /// <summary>What no server of Reddit's looks at any more.</summary>
    public static Task WriteTooLongAsync(HttpContext context) =>
        Answers.WriteAsync(context, StatusCodes.Status414UriTooLong, Answers.Html, TooLongPage);

    private static Task WriteRenamedAsync(HttpContext context, string from, string to)
    {
        var request = context.Request;
        var path = request.Path.Value!.Split('/');
        // "", "r", the names, what is asked of them.
        path[2] = string.Join('+', path[2].Split('+').Select(name => name.Equals(from, StringComparison.OrdinalIgnoreCase) ? to : name));
        return WriteFoundAsync(context, string.Join('/', path) + request.QueryString);
    }

    private static Task WriteFoundAsync(HttpContext context, string pathAndQuery)
    {
        var request = context.Request;
        var location = $"{request.Scheme}://{request.Host}{request.PathBase}{pathAndQuery}";
        context.Response.Headers.Location = location;
        return Answers.WriteAsync(context, StatusCodes.Status302Found, Answers.Html, FoundPage.Replace("{0}", location, StringComparison.Ordinal));
    }

    private static Task WriteTooManyAsync(HttpContext context, int? retryAfter)
    {
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        return Answers.WriteAsync(context, StatusCodes.Status429TooManyRequests, Answers.Html, TooManyPage);
    }

    private static Task WriteForbiddenAsync(HttpContext context, string reason) => Answers.WriteJsonAsync(
        context, StatusCodes.Status403Forbidden, $$"""{"reason": "{{reason}}", "message": "Forbidden", "error": 403}""");

    private static Task WriteServerErrorAsync(HttpContext context, int status, string body) => body switch
    {
        "json" => Answers.WriteJsonAsync(context, status, $$"""{"message": "Internal Server Error", "error": {{status}}}"""),
        "empty" => Answers.WriteJsonAsync(context, status, ""),
        _ => Answers.WriteAsync(
            context, status, Answers.Html, BusyPage.Replace("{0}", status.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)),
    };

    private static Task WriteTokenErrorAsync(HttpContext context, int status) =>
        Answers.WriteJsonAsync(context, status, status == 400 ? """{"error": 400}""" : $$"""{"message": "Error", "error": {{status}}}""");
}
