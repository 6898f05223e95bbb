using System.Net;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Admin;

/// <summary>What can be done about it.</summary>
public enum RequestProblemKind
{
    /// <summary>The API could not be asked; again may help.</summary>
    Away,

    /// <summary>The sign-in has ended while the page was open.</summary>
    SignedOut,

    /// <summary>The API has said no, and why.</summary>
    Refused,
}

/// <summary>Why a request came to nothing, for whoever looks at the page.</summary>
/// <param name="Kind">What can be done about it.</param>
/// <param name="Words">For the page.</param>
/// <param name="Errors">By field.</param>
public sealed record RequestProblem(RequestProblemKind Kind, string Words, IReadOnlyDictionary<string, string[]> Errors)
{
    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    private static readonly RequestProblem Away = new(RequestProblemKind.Away, "The API does not answer.", NoErrors);

    private static readonly RequestProblem SignedOut = new(RequestProblemKind.SignedOut, "Your sign-in has ended.", NoErrors);

    /// <summary>A problem that the page has found itself.</summary>
    public static RequestProblem At(string field, string words) =>
        new(RequestProblemKind.Refused, words, new Dictionary<string, string[]> { [field] = [words] });

    /// <param name="exception">One of those that <see cref="ApiClient.IsAway"/> knows.</param>
    /// <param name="viewer">Whose request it was.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async ValueTask<RequestProblem> OfAsync(Exception exception, CurrentUser viewer, CancellationToken cancellationToken)
    {
        if (exception is not ApiException refused || refused.StatusCode >= HttpStatusCode.InternalServerError)
            return Away;
        // Nobody's page asks with the UI's own key, which the API knows and refuses: that is no question of roles.
        if (refused.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && !await IsSignedInAsync(viewer, cancellationToken))
            return SignedOut;
        return new(RequestProblemKind.Refused, refused.Sentences, refused.Errors);
    }

    /// <summary>What is wrong with a field; null: nothing.</summary>
    public string? Of(string field) => Errors.TryGetValue(field, out var texts) ? string.Join(' ', texts) : null;

    private static async ValueTask<bool> IsSignedInAsync(CurrentUser viewer, CancellationToken cancellationToken)
    {
        try
        {
            return await viewer.TokenAsync(null, cancellationToken) is not null;
        }
        catch (HttpRequestException)
        {
            // Not known, so nothing is said of it.
            return true;
        }
    }
}
