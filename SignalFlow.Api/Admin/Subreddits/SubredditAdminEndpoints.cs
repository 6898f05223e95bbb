using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Access;
using SignalFlow.Api.Paging;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Reference;
using SignalFlow.Contracts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Api.Admin.Subreddits;

internal static class SubredditAdminEndpoints
{
    private const long MaxBodyBytes = 16 << 10;

    public static RouteGroupBuilder MapSubredditAdministration(this IEndpointRouteBuilder endpoints)
    {
        var subreddits = endpoints.MapGroup("/api/admin/subreddits").WithTags("Administration: subreddits");
        var reading = subreddits.MapGroup("").RequireAccess(Policies.Operate);
        reading.MapGet("/", ListAsync).WithName("ListConfiguredSubreddits").WithSummary("Configured subreddits by name, and what ingestion knows of them.");
        reading.MapGet("/{name}", FindAsync).WithName("GetConfiguredSubreddit").WithSummary("One of them; its ETag is the version that changes are based on.");
        var writing = subreddits.MapGroup("").RequireAccess(Policies.Administer).MarksWrites();
        writing.MapPost("/", AddAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(SubredditChange)))
            .WithName("AddSubreddit").WithSummary("Adds a subreddit.");
        writing.MapPatch("/{name}", ChangeAsync).TakesAtMost(MaxBodyBytes).WithMetadata(new DocumentedBody(typeof(SubredditChange)))
            .WithName("ChangeSubreddit").WithSummary("Changes tier, interval or activity.");
        writing.MapDelete("/{name}", DeleteAsync).WithName("DeleteSubreddit").WithSummary("Takes a subreddit out; its posts stay.");
        writing.MapPost("/{name}/pause", PauseAsync).WithName("PauseSubreddit").WithSummary("Polls it no more, until it is resumed.");
        writing.MapPost("/{name}/resume", ResumeAsync).WithName("ResumeSubreddit").WithSummary("Polls it again.");
        // A form has a little more than its file.
        writing.MapPost("/import", SubredditImportEndpoint.ImportAsync).TakesAtMost(SubredditCsv.MaxBytes + (8 << 10))
            .WithMetadata(new DocumentedBody(null, "text/csv"))
            .WithName("ImportSubreddits").WithSummary("Adds and changes subreddits from a CSV file, all or none, with a report by line.");
        return subreddits;
    }

    private static async Task<Results<Ok<ConfiguredSubredditPage>, ValidationProblem>> ListAsync(
        [AsParameters] ConfiguredSubredditListRequest request, ConfiguredSubredditQueries subreddits, CursorSeals seals, HttpRequest http,
        CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        var fields = new QueryFields();
        if (SubredditFields.Filter(request, seal, fields) is not { } filter)
            return TypedResults.ValidationProblem(fields.Errors);
        var page = await subreddits.ListAsync(filter, cancellationToken);
        return TypedResults.Ok(new ConfiguredSubredditPage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal, filter.Scope)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal, filter.Scope)),
            Results = page.Rows,
        });
    }

    private static async Task<Results<Ok<ConfiguredSubreddit>, NotFound>> FindAsync(
        string name, ConfiguredSubredditQueries subreddits, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!SubredditFields.IsName(name) || await subreddits.FindAsync(name, cancellationToken) is not { } found)
            return TypedResults.NotFound();
        EntityVersion.Show(response, found.Version);
        return TypedResults.Ok(found);
    }

    private static async Task<Results<Created<ConfiguredSubreddit>, ValidationProblem, ProblemHttpResult>> AddAsync(
        SubredditEditor editor, ConfiguredSubredditQueries subreddits, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (change, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.SubredditChange, cancellationToken);
        if (refusal is not null)
            return refusal;
        change ??= new();
        var fields = new QueryFields();
        if (!SubredditFields.IsName(change.Name))
            fields.Refuse("name", SubredditFields.NameRule);
        var edit = SubredditFields.Edit(change, fields);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var caller = Caller.Of(http);
        var wanted = edit.Of(new(change.Name!, SubredditFields.DefaultTier, null, true, 0));
        var (outcome, _) = await editor.AddAsync(wanted, caller.Name, Audit(caller, time), cancellationToken);
        if (outcome == SubredditEditOutcome.Exists)
        {
            return TypedResults.Problem(new HttpValidationProblemDetails(
                new Dictionary<string, string[]> { ["name"] = ["The subreddit is there already, in whatever case."] })
            {
                Status = StatusCodes.Status409Conflict,
                Title = "The name is taken.",
            });
        }

        var added = (await subreddits.FindAsync(wanted.Name, cancellationToken))!;
        EntityVersion.Show(http.Response, added.Version);
        return TypedResults.Created($"/api/admin/subreddits/{added.Name}/", added);
    }

    private static async Task<Results<Ok<ConfiguredSubreddit>, NotFound, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        string name, SubredditEditor editor, ConfiguredSubredditQueries subreddits, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        var (change, refusal) = await JsonBody.ReadAsync(http.Request, ContractsJsonContext.Default.SubredditChange, cancellationToken);
        if (refusal is not null)
            return refusal;
        change ??= new();
        var fields = new QueryFields();
        if (change.Name is not null)
            fields.Refuse("name", "A name cannot be changed; add the other one and delete this.");
        var edit = SubredditFields.Edit(change, fields);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;

        var (outcome, _) = await editor.ChangeAsync(name, version, edit, "subreddit.change", Audit(Caller.Of(http), time), cancellationToken);
        return outcome switch
        {
            SubredditEditOutcome.Missing => TypedResults.NotFound(),
            SubredditEditOutcome.Stale => EntityVersion.Stale(),
            _ => await ShowAsync(name, subreddits, http.Response, cancellationToken),
        };
    }

    private static Task<Results<Ok<ConfiguredSubreddit>, NotFound>> PauseAsync(
        string name, SubredditEditor editor, ConfiguredSubredditQueries subreddits, TimeProvider time, HttpContext http, CancellationToken cancellationToken) =>
        ActivateAsync(name, false, "subreddit.pause", editor, subreddits, time, http, cancellationToken);

    private static Task<Results<Ok<ConfiguredSubreddit>, NotFound>> ResumeAsync(
        string name, SubredditEditor editor, ConfiguredSubredditQueries subreddits, TimeProvider time, HttpContext http, CancellationToken cancellationToken) =>
        ActivateAsync(name, true, "subreddit.resume", editor, subreddits, time, http, cancellationToken);

    // Nobody else's change is overwritten, so it needs no version.
    private static async Task<Results<Ok<ConfiguredSubreddit>, NotFound>> ActivateAsync(
        string name, bool isActive, string action, SubredditEditor editor, ConfiguredSubredditQueries subreddits, TimeProvider time, HttpContext http,
        CancellationToken cancellationToken)
    {
        var (outcome, _) = await editor.ChangeAsync(
            name, version: null, new(null, false, null, isActive), action, Audit(Caller.Of(http), time), cancellationToken);
        if (outcome == SubredditEditOutcome.Missing)
            return TypedResults.NotFound();
        return (await ShowAsync(name, subreddits, http.Response, cancellationToken)).Result is Ok<ConfiguredSubreddit> ok ? ok : TypedResults.NotFound();
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        string name, SubredditEditor editor, TimeProvider time, HttpContext http, CancellationToken cancellationToken)
    {
        if (!EntityVersion.TryRead(http.Request, out var version, out var precondition))
            return precondition;
        return await editor.DeleteAsync(name, version, Audit(Caller.Of(http), time), cancellationToken) switch
        {
            SubredditEditOutcome.Missing => TypedResults.NotFound(),
            SubredditEditOutcome.Stale => EntityVersion.Stale(),
            _ => TypedResults.NoContent(),
        };
    }

    // Somebody may have deleted it between the change and this.
    private static async Task<Results<Ok<ConfiguredSubreddit>, NotFound, ValidationProblem, ProblemHttpResult>> ShowAsync(
        string name, ConfiguredSubredditQueries subreddits, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await subreddits.FindAsync(name, cancellationToken) is not { } found)
            return TypedResults.NotFound();
        EntityVersion.Show(response, found.Version);
        return TypedResults.Ok(found);
    }

    internal static SubredditAudit Audit(Caller caller, TimeProvider time) => new(caller.Audit, time.GetUtcNow());
}
