namespace SignalFlow.Web.Components;

/// <summary>The status of a page that says itself what is wrong.</summary>
internal static class PageStatus
{
    /// <summary>
    /// Keeps the page: with a status that is there before the page has begun, the framework throws the page away for the general one.
    /// </summary>
    /// <param name="http">Null in a circuit, where there is no status.</param>
    /// <param name="status">Of the answer, if it has not begun.</param>
    public static void AnswerAs(this HttpContext? http, int status)
    {
        if (http is null || http.Response.HasStarted)
            return;
        http.Response.OnStarting(() =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
    }
}
