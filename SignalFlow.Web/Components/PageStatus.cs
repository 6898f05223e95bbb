using Microsoft.AspNetCore.Diagnostics;

namespace SignalFlow.Web.Components;

/// <summary>The status of a page that says itself what is wrong.</summary>
internal static class PageStatus
{
    /// <summary>Keeps the page: without this the status's own page would take its place.</summary>
    /// <param name="http">Null in a circuit, where there is no status.</param>
    /// <param name="status">Of the answer, if it has not begun.</param>
    public static void AnswerAs(this HttpContext? http, int status)
    {
        if (http is null || http.Response.HasStarted)
            return;
        http.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
        http.Response.StatusCode = status;
    }
}
