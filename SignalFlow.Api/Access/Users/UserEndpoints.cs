using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Requests;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Access.Users;

internal static class UserEndpoints
{
    public static RouteGroupBuilder MapUsers(this IEndpointRouteBuilder endpoints)
    {
        var users = endpoints.MapGroup("/api/admin/users").WithTags("Administration");
        users.MapGet("/", ListAsync).WithName("ListUsers").WithSummary("All users.");
        users.MapPost("/", AddAsync).MarksWrites().WithName("AddUser").WithSummary("Makes a user.");
        users.MapPatch("/{id:guid}", ChangeAsync).MarksWrites().WithName("ChangeUser")
            .WithSummary("Changes role, password or whether a user may sign in; ends the user's access tokens.");
        users.MapDelete("/{id:guid}", RemoveAsync).MarksWrites().WithName("RemoveUser")
            .WithSummary("Removes a user with sessions and keys; the audit log keeps the name.");
        users.MapDelete("/{id:guid}/sessions", EndSessionsAsync).MarksWrites().WithName("EndUserSessions").WithSummary("Signs a user out everywhere.");
        return users;
    }

    public static RouteGroupBuilder MapAccount(this IEndpointRouteBuilder endpoints)
    {
        var account = endpoints.MapGroup("/api/account").WithTags("Access");
        account.MapGet("/", (HttpContext http) => TypedResults.Ok(new AccountView(Caller.Of(http).Name, Roles.Name(Caller.Of(http).Role!.Value))))
            .WithName("GetAccount").WithSummary("Who is signed in.");
        account.MapPost("/password", ChangePasswordAsync).MarksWrites().WithMetadata(new SignInEndpoint(IsOfUser: true))
            .WithName("ChangePassword").WithSummary("Changes one's own password; ends all one's sessions.");
        return account;
    }

    private static async Task<Ok<UserList>> ListAsync(UserAdministration administration, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(new UserList([.. (await administration.ListAsync(cancellationToken)).Select(user => View(user, time))]));

    private static async Task<Results<Created<UserView>, ValidationProblem>> AddAsync(
        NewUser request, UserAdministration administration, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        if (string.IsNullOrWhiteSpace(request.Username) || request.Username.Length > 100)
            fields.Refuse("username", "username must be 1 to 100 letters, digits, or - . _ @.");
        CheckPassword(fields, "password", request.Password ?? "");
        if (Roles.Find(request.Role) is not { } role)
        {
            RefuseRole(fields);
            role = Role.Viewer;
        }

        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        var outcome = await administration.AddAsync(request, role, Caller.Of(http), cancellationToken);
        return outcome.User is { } user
            ? TypedResults.Created($"/api/admin/users/{user.Id}/", View(user, time))
            : TypedResults.ValidationProblem(outcome.Refused!);
    }

    private static async Task<Results<Ok<UserView>, NotFound, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        Guid id, UserChange change, UserAdministration administration, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        if (change.Role is not null && Roles.Find(change.Role) is null)
            RefuseRole(fields);
        if (change.Password is not null)
            CheckPassword(fields, "password", change.Password);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        var outcome = await administration.ChangeAsync(id, change, Caller.Of(http), cancellationToken);
        return outcome switch
        {
            { User: { } user } => TypedResults.Ok(View(user, time)),
            { Refused: { } refused } => TypedResults.ValidationProblem(refused),
            { Conflict: { } conflict } => TypedResults.Problem(conflict, statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.NotFound(),
        };
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> RemoveAsync(
        Guid id, UserAdministration administration, HttpContext http, CancellationToken cancellationToken) =>
        await administration.RemoveAsync(id, Caller.Of(http), cancellationToken) switch
        {
            { User: not null } => TypedResults.NoContent(),
            { Conflict: { } conflict } => TypedResults.Problem(conflict, statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.NotFound(),
        };

    private static async Task<Results<NoContent, NotFound>> EndSessionsAsync(
        Guid id, UserAdministration administration, HttpContext http, CancellationToken cancellationToken) =>
        await administration.EndSessionsAsync(id, Caller.Of(http), cancellationToken) ? TypedResults.NoContent() : TypedResults.NotFound();

    private static async Task<Results<NoContent, ValidationProblem>> ChangePasswordAsync(
        PasswordChange change, UserAdministration administration, HttpContext http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        if (string.IsNullOrEmpty(change.Current) || change.Current.Length > AccessOptions.MaxPasswordLength)
            fields.Refuse("current", "current must be the present password.");
        CheckPassword(fields, "new", change.New ?? "");
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        var caller = Caller.Of(http);
        var outcome = await administration.ChangePasswordAsync(caller.UserId!.Value, change.Current!, change.New!, caller, cancellationToken);
        return outcome.Refused is { } refused ? TypedResults.ValidationProblem(refused) : TypedResults.NoContent();
    }

    private static void CheckPassword(QueryFields fields, string name, string password)
    {
        if (password.Length is < AccessOptions.MinPasswordLength or > AccessOptions.MaxPasswordLength)
            fields.Refuse(name, $"{name} must have {AccessOptions.MinPasswordLength} to {AccessOptions.MaxPasswordLength} characters.");
    }

    private static void RefuseRole(QueryFields fields) => fields.Refuse("role", $"role must be {string.Join(", ", Roles.Names)}.");

    private static UserView View(User user, TimeProvider time) => new()
    {
        Id = user.Id,
        Username = user.UserName!,
        Role = user.Role,
        IsActive = user.IsActive,
        LockedUntil = user.LockoutEnd > time.GetUtcNow() ? user.LockoutEnd : null,
        CreatedAt = user.CreatedAt,
        SignedInAt = user.SignedInAt,
    };
}
