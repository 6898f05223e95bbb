using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Access.Users;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Access.Setup;

/// <summary>Where the link of the first start leads: a page without scripts, and the same for programs.</summary>
internal static class SetupEndpoints
{
    private const string NotGood = "The link is not good, or no longer: it works once, for 24 hours, and only while there is no administrator.";

    public static RouteGroupBuilder MapSetup(this IEndpointRouteBuilder endpoints)
    {
        var setup = endpoints.MapGroup("/api/setup").WithTags("Access");
        setup.MapGet("/", ([FromQuery] string? token, HttpResponse response) => Page(response, Form(token ?? "", null)))
            .ExcludeFromDescription();
        setup.MapPost("/", AddAsync).Accepts<SetupRequest>("application/json")
            .WithName("SetUp").WithSummary("Makes the first administrator by the one-time link.");
        // Needs no antiforgery token: nobody is signed in here, and the link's token is one.
        setup.MapPost("/form", AddByFormAsync).DisableAntiforgery().ExcludeFromDescription();
        return setup;
    }

    private static async Task<Results<Created, ValidationProblem, ProblemHttpResult>> AddAsync(
        SetupRequest request, FirstAdmin admins, HttpContext http, CancellationToken cancellationToken)
    {
        if (Errors(request) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors);
        var result = await admins.UseLinkAsync(request.Token!, request.Username!, request.Password!, Caller.Of(http), cancellationToken);
        return result switch
        {
            null => TypedResults.Problem(NotGood, statusCode: StatusCodes.Status403Forbidden),
            { Succeeded: true } => TypedResults.Created(),
            _ => TypedResults.ValidationProblem(UserErrors.ByField(result)),
        };
    }

    private static async Task<ContentHttpResult> AddByFormAsync(
        [FromForm] string? token, [FromForm] string? username, [FromForm] string? password, FirstAdmin admins, HttpContext http,
        CancellationToken cancellationToken)
    {
        var request = new SetupRequest(token, username, password);
        if (Errors(request) is { Count: > 0 } errors)
            return Page(http.Response, Form(token ?? "", string.Join(' ', errors.Values.SelectMany(messages => messages))), StatusCodes.Status400BadRequest);
        var result = await admins.UseLinkAsync(token!, username!, password!, Caller.Of(http), cancellationToken);
        return result switch
        {
            null => Page(http.Response, $"<p role=\"alert\">{NotGood}</p>", StatusCodes.Status403Forbidden),
            { Succeeded: true } => Page(http.Response, $"<p>Done. {HtmlEncoder.Default.Encode(username!)} is the administrator; this link is used up.</p>"),
            _ => Page(
                http.Response,
                Form(token!, string.Join(' ', UserErrors.ByField(result).Values.SelectMany(messages => messages))),
                StatusCodes.Status400BadRequest),
        };
    }

    private static Dictionary<string, string[]> Errors(SetupRequest request)
    {
        var fields = new QueryFields();
        if (string.IsNullOrEmpty(request.Token) || request.Token.Length > 200)
            fields.Refuse("token", "token must be the one of the link.");
        if (string.IsNullOrWhiteSpace(request.Username) || request.Username.Length > 100)
            fields.Refuse("username", "username must be 1 to 100 letters, digits, or - . _ @.");
        if (request.Password?.Length is null or < AccessOptions.MinPasswordLength or > AccessOptions.MaxPasswordLength)
            fields.Refuse("password", $"password must have {AccessOptions.MinPasswordLength} to {AccessOptions.MaxPasswordLength} characters.");
        return fields.Errors;
    }

    private static string Form(string token, string? error) => $"""
        {(error is null ? "" : $"<p role=\"alert\">{HtmlEncoder.Default.Encode(error)}</p>")}
        <form method="post" action="/api/setup/form">
          <input type="hidden" name="token" value="{HtmlEncoder.Default.Encode(token)}">
          <p><label>Name of the administrator<br><input name="username" value="admin" autocomplete="username" required></label></p>
          <p><label>Password, at least {AccessOptions.MinPasswordLength} characters<br>
            <input name="password" type="password" autocomplete="new-password" minlength="{AccessOptions.MinPasswordLength}" required></label></p>
          <p><button>Make the administrator</button></p>
        </form>
        """;

    private static ContentHttpResult Page(HttpResponse response, string body, int status = StatusCodes.Status200OK)
    {
        response.Headers.CacheControl = "no-store";
        // The address holds the token.
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
        return TypedResults.Text($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>SignalFlow: first administrator</title></head>
            <body><main><h1>SignalFlow: first administrator</h1>
            {body}
            </main></body></html>
            """, "text/html; charset=utf-8", statusCode: status);
    }
}
