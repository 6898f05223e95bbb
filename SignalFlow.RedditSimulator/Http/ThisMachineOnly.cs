using System.Net;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>Refuses whoever is not on this machine: what Reddit does not have is for tests and demonstrations.</summary>
internal static class ThisMachineOnly
{
    public static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address)
            ? TypedResults.Problem("The simulated Reddit can be changed from its own machine only.", statusCode: StatusCodes.Status403Forbidden)
            : await next(context);
}
