using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Access.Sessions;

internal static class TokenEndpoints
{
    // Whoever guesses learns nothing about which part was wrong, or that somebody is locked out.
    private const string NotGood = "There is no active account with these credentials.";
    private const string RefreshNotGood = "The refresh token is not good, or no longer; sign in again.";

    public static RouteGroupBuilder MapTokens(this IEndpointRouteBuilder endpoints)
    {
        var tokens = endpoints.MapGroup("/api/token").WithTags("Access");
        tokens.MapPost("/", SignInAsync).WithName("SignIn").WithSummary("Trades a name and password for an access and a refresh token.");
        tokens.MapPost("/refresh", RefreshAsync).WithName("RefreshToken").WithSummary("Trades a refresh token, once, for a new pair.");
        tokens.MapPost("/revoke", RevokeAsync).WithName("RevokeToken").WithSummary("Signs out: the refresh token and all that came of the same sign-in end.");
        return tokens;
    }

    private static async Task<Results<Ok<TokenPair>, ValidationProblem, ProblemHttpResult>> SignInAsync(
        SignInRequest request, SignIn signIn, HttpResponse response, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        Require(fields, "username", request.Username);
        Require(fields, "password", request.Password);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return Answer(await signIn.WithPasswordAsync(request.Username!, request.Password!, cancellationToken), NotGood, response);
    }

    private static async Task<Results<Ok<TokenPair>, ValidationProblem, ProblemHttpResult>> RefreshAsync(
        RefreshRequest request, SignIn signIn, HttpContext http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        Require(fields, "refresh", request.Refresh);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        return Answer(await signIn.WithRefreshTokenAsync(request.Refresh!, Caller.Of(http), cancellationToken), RefreshNotGood, http.Response);
    }

    private static async Task<Results<NoContent, ValidationProblem>> RevokeAsync(RefreshRequest request, SignIn signIn, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        Require(fields, "refresh", request.Refresh);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        await signIn.OutAsync(request.Refresh!, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Results<Ok<TokenPair>, ValidationProblem, ProblemHttpResult> Answer(TokenPair? pair, string otherwise, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return pair is null ? TypedResults.Problem(otherwise, statusCode: StatusCodes.Status401Unauthorized) : TypedResults.Ok(pair);
    }

    private static void Require(QueryFields fields, string name, string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > AccessOptions.MaxPasswordLength)
            fields.Refuse(name, $"{name} must be text of 1 to {AccessOptions.MaxPasswordLength} characters.");
    }
}
