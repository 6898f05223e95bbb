using Microsoft.AspNetCore.SignalR;

namespace SignalFlow.Api.Live;

/// <summary>Logs what goes wrong in the hub itself. SignalR's own log of failures has those that are the client's as well, and is off.</summary>
internal sealed partial class HubFaults(ILogger<HubFaults> logger) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (Exception exception) when (IsFault(exception, invocationContext.Context))
        {
            LogFault(invocationContext.HubMethodName, exception);
            throw;
        }
    }

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (IsFault(exception, context.Context))
        {
            LogFault(nameof(OnConnectedAsync), exception);
            throw;
        }
    }

    public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        try
        {
            await next(context, exception);
        }
        catch (Exception fault) when (IsFault(fault, context.Context))
        {
            LogFault(nameof(OnDisconnectedAsync), fault);
            throw;
        }
    }

    // A HubException tells the client what it did wrong; whoever is gone waits for nothing.
    private static bool IsFault(Exception exception, HubCallerContext caller) =>
        exception is not HubException && !(exception is OperationCanceledException && caller.ConnectionAborted.IsCancellationRequested);

    [LoggerMessage(LogLevel.Error, "{Method} of the hub has failed")]
    private partial void LogFault(string method, Exception exception);
}
