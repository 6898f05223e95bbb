using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;

namespace SignalFlow.Web.Access;

/// <summary>
/// Tells pages and circuits who is there, and where reading is not open shows nothing to nobody. The UI's own, because in Standalone the host's default
/// scheme is the API's.
/// </summary>
internal sealed class SessionMiddleware(RequestDelegate next, ReadingAccess reading)
{
    /// <summary>For the first answer of the API: where reading is open, a page that comes just after the start is not to ask for a sign-in.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(3);

    public async Task InvokeAsync(HttpContext context)
    {
        var known = await context.AuthenticateAsync(WebAccess.Scheme);
        context.User = known.Principal ?? new();
        if (known.Succeeded || !ShowsPosts(context) || await IsOpenAsync(context.RequestAborted))
        {
            await next(context);
            return;
        }

        // No page takes the place of the answer.
        context.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
        if (HttpMethods.IsGet(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            context.Response.Redirect(WebAccess.SignInAddress(context.Request.Path + context.Request.QueryString));
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    private async ValueTask<bool> IsOpenAsync(CancellationToken cancellationToken)
    {
        await reading.Known.WaitAsync(StartPatience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !reading.NeedsSignIn;
    }

    /// <summary>Pages, unless they say otherwise, and the circuits of pages.</summary>
    private static bool ShowsPosts(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_blazor")
        || (context.GetEndpoint()?.Metadata is { } metadata
            && metadata.GetMetadata<ComponentTypeMetadata>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null);
}
