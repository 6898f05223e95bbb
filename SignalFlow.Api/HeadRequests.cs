namespace SignalFlow.Api;

/// <summary>
/// HEAD is answered as GET is, by the same endpoints; the server leaves out the body. Before routing, so that no endpoint has to name the method.
/// </summary>
internal sealed class HeadRequests : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (HttpMethods.IsHead(context.Request.Method) && ApiExtensions.IsOurs(context))
            {
                context.Request.Method = HttpMethods.Get;
                context.Items[typeof(HeadRequests)] = true;
            }

            return following(context);
        });
        next(app);
    };

    public static bool IsHead(HttpContext context) => context.Items.ContainsKey(typeof(HeadRequests));
}
